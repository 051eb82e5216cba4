import Foundation
import LiveKitCore
import LiveKitMedia
import Testing

@Suite("Ogg Opus files, RFC 3533 and RFC 7845")
struct OggOpusTests {
    /// Packets of 20 ms whose sizes cross every edge of the segment table.
    private static func sample(_ sizes: [Int]) throws -> (bytes: [UInt8], packets: [[UInt8]]) {
        var random = DeterministicRandom(seed: 2)
        let packets = sizes.map { [0x78] + randomBytes($0 - 1, using: &random) }
        var writer = try OggOpusWriter(
            head: OpusHead(channels: 2), tags: OpusTags(comments: ["TITLE=test", "ARTIST="]), serial: 0xCAFE)
        for packet in packets { try writer.write(packet) }
        try writer.finish()
        return (writer.bytes, packets)
    }

    private static let sizes = [1, 254, 255, 256, 510, 3, 1000]

    private static func read(_ bytes: [UInt8]) -> Result<[OggOpusPacket], ContainerError> {
        Result { () throws(ContainerError) in
            var reader = try OggOpusReader(bytes: bytes)
            var packets: [OggOpusPacket] = []
            while let packet = try reader.nextPacket() { packets.append(packet) }
            return packets
        }
    }

    @Test("Packets come back, twice after a rewind")
    func roundTrip() throws {
        let (bytes, packets) = try Self.sample(Self.sizes)
        var reader = try OggOpusReader(bytes: bytes)
        #expect(reader.head == OpusHead(channels: 2))
        #expect(reader.tags == OpusTags(comments: ["TITLE=test", "ARTIST="]))
        for _ in 0..<2 {
            for packet in packets { #expect(try reader.nextPacket()?.bytes == packet) }
            #expect(try reader.nextPacket() == nil)
            try reader.rewind()
        }
    }

    @Test("Packets that span pages come back whole")
    func packetsSpanPages() throws {
        let (bytes, packets) = try Self.sample([61_440, 65, 40_000, 255 * 200, 255 * 55, 1, 61_440])
        #expect(try Self.read(bytes).get().map(\.bytes) == packets)
    }

    @Test("Granule positions count the samples up to each page's end")
    func granulePositions() throws {
        let (bytes, _) = try Self.sample([Int](repeating: 80, count: 120))
        let packets = try Self.read(bytes).get()
        let positions = packets.enumerated().compactMap { index, packet in packet.granulePosition.map { (index, $0) } }
        #expect(positions.map(\.0) == [49, 99, 119])
        #expect(positions.map(\.1) == [48_000, 96_000, 115_200])
    }

    @Test("Every truncation is an error, except between pages")
    func truncations() throws {
        let (bytes, packets) = try Self.sample(Self.sizes)
        var whole = 0
        for count in 0..<bytes.count {
            switch Self.read(Array(bytes[..<count])) {
            case .success(let read):
                whole += 1
                #expect(read.count < packets.count)
            case .failure(let error): #expect(error.code == .truncated)
            }
        }
        // Only the cut right behind the tags leaves a file that ends well.
        #expect(whole == 1)
    }

    @Test("Every flipped bit is noticed")
    func flippedBitsAreNoticed() throws {
        let bytes = try Self.sample([40, 300]).bytes
        for index in bytes.indices {
            var broken = bytes
            broken[index] ^= 1 << UInt8(index % 8)
            #expect(throws: ContainerError.self) { try Self.read(broken).get() }
        }
    }

    @Test("A missing page is noticed")
    func missingPageIsNoticed() throws {
        let bytes = try Self.sample([Int](repeating: 80, count: 120)).bytes
        let signature = Array("OggS".utf8)
        let starts = bytes.indices.filter { bytes[$0...].starts(with: signature) }
        #expect(starts.count == 5)
        #expect(throws: ContainerError.self) { try Self.read(Array(bytes[..<starts[2]] + bytes[starts[3]...])).get() }
    }

    @Test("Random bytes never trap")
    func randomBytesNeverTrap() throws {
        var random = DeterministicRandom(seed: 6)
        let start = Array(try Self.sample([5]).bytes[..<47])
        for count in 0..<200 {
            #expect(throws: ContainerError.self) { try Self.read(randomBytes(count, using: &random)).get() }
            #expect(throws: ContainerError.self) { try Self.read(start + randomBytes(count, using: &random)).get() }
        }
    }

    @Test("What is no Opus packet is not written")
    func badPacketsAreRefused() throws {
        var writer = try OggOpusWriter(head: OpusHead(channels: 1))
        for packet in [[], [0x7B], [0x7B, 0]] as [[UInt8]] {
            do throws(ContainerError) {
                try writer.write(packet)
                Issue.record("A bad packet was written")
            } catch { #expect(error.code == .corrupt) }
        }
    }

    @Test("ffmpeg hears the tone in our file", .enabled(if: FFmpeg.path != nil, "needs ffmpeg"))
    func ffmpegReads() throws {
        try FFmpeg.withFile(named: "tone.opus") { file in
            var encoder = try OpusEncoder(configuration: .init(channels: 1, bitrate: 48_000))
            var tone = TestTone(frequency: 660, level: -10)
            var writer = try OggOpusWriter(path: file.path, head: OpusHead(channels: 1))
            for _ in 0..<75 { try writer.write(try encoder.encode(tone.next())) }
            try writer.finish()

            let decoded = try FFmpeg.decode(file, to: ["-f", "s16le", "-ar", "48000", "-ac", "1"])
            let samples = stride(from: 0, to: decoded.count - 1, by: 2)
                .map { Int16(bitPattern: UInt16(decoded[$0]) | UInt16(decoded[$0 + 1]) << 8) }
            #expect(samples.count == 75 * 960 - 312)
            var detector = ToneDetector()
            detector.receive(PCMBuffer(samples: samples, channels: 1))
            #expect(abs(try #require(detector.tone()).frequency - 660) < 6.6)
        }
    }
}
