import Foundation
import LiveKitCore
import LiveKitMedia
import Testing

@Suite("IVF files")
struct IVFTests {
    private static func sample() throws -> (bytes: [UInt8], frames: [IVFFrame]) {
        var random = DeterministicRandom(seed: 2)
        let frames = [0, 1, 300, 17].enumerated().map { index, size in
            IVFFrame(bytes: randomBytes(size, using: &random), timestamp: UInt64(index) * 3000)
        }
        var writer = try IVFWriter(header: IVFHeader(width: 640, height: 360))
        for frame in frames { try writer.write(frame) }
        try writer.finish()
        return (writer.bytes, frames)
    }

    /// Every frame, or the error's code.
    private static func read(_ bytes: [UInt8]) -> Result<[IVFFrame], ContainerError> {
        Result { () throws(ContainerError) in
            var reader = try IVFReader(bytes: bytes)
            var frames: [IVFFrame] = []
            while let frame = try reader.nextFrame() { frames.append(frame) }
            return frames
        }
    }

    @Test("Frames come back, twice after a rewind")
    func roundTrip() throws {
        let (bytes, frames) = try Self.sample()
        var reader = try IVFReader(bytes: bytes)
        #expect(reader.header.width == 640 && reader.header.height == 360 && reader.header.codec == "VP80")
        #expect(reader.header.frameCount == frames.count)
        for _ in 0..<2 {
            for frame in frames { #expect(try reader.nextFrame() == frame) }
            #expect(try reader.nextFrame() == nil)
            try reader.rewind()
        }
    }

    @Test("The header's bytes are those of the format")
    func headerVector() throws {
        let bytes = try IVFWriter(header: IVFHeader(width: 640, height: 360, timebaseTicks: 30)).bytes
        #expect(
            bytes == Array("DKIF".utf8) + [0, 0, 32, 0] + Array("VP80".utf8)
                + [0x80, 0x02, 0x68, 0x01, 30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("Every truncation is an error, except between frames")
    func truncations() throws {
        let (bytes, frames) = try Self.sample()
        var boundaries = [32]
        for frame in frames { boundaries.append((boundaries.last ?? 0) + 12 + frame.bytes.count) }
        for count in 0..<bytes.count {
            switch Self.read(Array(bytes[..<count])) {
            case .success(let read): #expect(boundaries.firstIndex(of: count) == read.count)
            case .failure(let error):
                #expect(!boundaries.contains(count))
                #expect(error.code == .truncated)
            }
        }
    }

    @Test("Random bytes, and forged lengths, never trap")
    func randomBytesNeverTrap() throws {
        var random = DeterministicRandom(seed: 4)
        let header = Array(try Self.sample().bytes[..<32])
        for count in 0..<200 {
            if count > 0 {
                #expect(throws: ContainerError.self) { try Self.read(randomBytes(count, using: &random)).get() }
            }
            _ = Self.read(header + randomBytes(count, using: &random))
        }
        let forged = Self.read(header + [0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 8))
        #expect(throws: ContainerError.self) { try forged.get() }
    }

    @Test("ffmpeg decodes our file to the pictures that we decode", .enabled(if: FFmpeg.path != nil, "needs ffmpeg"))
    func ffmpegReads() throws {
        try FFmpeg.withFile(named: "picture.ivf") { file in
            let picture = TestPicture(width: 320, height: 180)
            var encoder = try VP8Encoder(configuration: .init(width: 320, height: 180, bitrate: 400_000))
            var decoder = try VP8Decoder()
            var writer = try IVFWriter(path: file.path, header: IVFHeader(width: 320, height: 180))
            var expected: [UInt8] = []
            for counter in 0..<10 as Range<UInt32> {
                var frame = I420Frame(width: 320, height: 180, timestampNanoseconds: Int64(counter) * 33_333_333)
                picture.render(counter: counter, timestampMilliseconds: UInt64(counter), into: &frame)
                let encoded = try #require(try encoder.encode(frame))
                try writer.write(IVFFrame(bytes: encoded.bytes, timestamp: UInt64(counter) * 3000))
                expected += try #require(try decoder.decode(encoded.bytes)).bytes
            }
            try writer.finish()
            let decoded = try FFmpeg.decode(
                file, to: ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough"])
            #expect(decoded == expected)

            var reader = try IVFReader(path: file.path)
            #expect(reader.header.frameCount == 10)
            #expect(try reader.nextFrame()?.timestamp == 0)
        }
    }

    @Test("A file that is not there is a typed error")
    func missingFile() {
        do throws(ContainerError) {
            _ = try IVFReader(path: "/nonexistent/file.ivf")
            Issue.record("A missing file was opened")
        } catch { #expect(error.code == .fileFailure) }
    }
}
