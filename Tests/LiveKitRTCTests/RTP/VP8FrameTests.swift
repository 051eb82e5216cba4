import Foundation
import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("VP8 frames over RTP, RFC 7741")
struct VP8FrameTests {
    @Test("Frames of any size are cut and joined again", arguments: [1, 15, 1000, 1184, 1185, 5000, 100_000])
    func roundTrip(size: Int) throws {
        var packetizer = VP8Packetizer(maximumPayloadSize: 1188, pictureID: 32_767)
        var assembler = VP8FrameAssembler()
        var sequenceNumber = SequenceNumber(rawValue: 65_530)
        for index in 0..<2 {
            let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
            var frames: [AssembledVideoFrame] = []
            var sizes: [Int] = []
            packetizer.packetize(frameSize: size) { piece in
                let payload = piece.descriptor.encoded() + data[piece.range]
                sizes.append(payload.count)
                let frame = assembler.receive(
                    payload: payload.rawSpan, sequenceNumber: sequenceNumber, timestamp: UInt32(index),
                    marker: piece.isLast)
                frames += frame.map { [$0] } ?? []
                sequenceNumber = sequenceNumber.advanced(by: 1)
            }
            check(frames.map(\.data) == [data])
            check(frames.first?.pictureID == (index == 0 ? 32_767 : 0))
            check((sizes.max() ?? 0) <= 1188)
            check((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
        check(assembler.droppedCount == 0)
    }

    @Test("Temporal layers count the frames of layer zero")
    func temporalLayers() {
        var packetizer = VP8Packetizer(maximumPayloadSize: 1188, pictureID: 1, hasTemporalLayers: true)
        var seen: [[UInt8?]] = []
        for layer in [0, 1, 0] as [UInt8] {
            packetizer.packetize(frameSize: 10, temporalID: layer) { piece in
                seen.append([piece.descriptor.temporalID, piece.descriptor.temporalLayerZeroIndex])
            }
        }
        check(seen == [[0, 1], [1, 1], [0, 2]])
    }

    @Test("A gap drops the frame under way, and the next one is whole")
    func gap() {
        var assembler = VP8FrameAssembler()
        func receive(_ payload: [UInt8], _ number: UInt16, _ timestamp: UInt32, _ marker: Bool) -> [UInt8]? {
            assembler.receive(
                payload: payload.rawSpan, sequenceNumber: SequenceNumber(rawValue: number), timestamp: timestamp,
                marker: marker)?.data
        }
        check(receive([0x10, 1], 1, 1, false) == nil)
        check(receive([0x00, 3], 3, 1, true) == nil)
        check(receive([0x10, 4], 4, 2, true) == [4])
        check(assembler.droppedCount == 1)
    }
}

/// The RTP packets of a capture in rtpdump's format, RTCP left out.
enum RTPDump {
    static func packets(in bytes: [UInt8]) throws -> [[UInt8]] {
        var packets: [[UInt8]] = []
        let start = try #require(bytes.firstIndex(of: 0x0A)) + 17
        var reader = ByteReader(bytes.rawSpan)
        try reader.skip(start)
        while !reader.isAtEnd {
            let size = Int(try reader.read(UInt16.self))
            try reader.skip(6)
            let packet = try reader.readBytes(size - 8)
            if packet.count > 1, !(192...223).contains(packet[1]) { packets.append(packet) }
        }
        return packets
    }
}

@Suite("A captured VP8 stream", .enabled(if: TestData.root != nil, "the captures are not here"))
struct VP8CaptureTests {
    private static func capture() throws -> [[UInt8]] {
        let file = try #require(TestData.files(in: "webrtc-bsd3/rtpdump-corpus/vp8", suffix: "rtpdump").first)
        return try RTPDump.packets(in: try TestData.bytes(of: file))
    }

    @Test("All packets are read, all frames come out in order, the first is a key frame of 640 by 480")
    func assembles() throws {
        let packets = try Self.capture()
        check(packets.count == 171)
        var assembler = VP8FrameAssembler()
        var frames: [AssembledVideoFrame] = []
        var markers = 0
        for packet in packets {
            let info = try RTPPacketInfo(parsing: packet.rawSpan)
            let payload = packet.rawSpan.clamped(offset: info.payloadOffset, size: info.payloadSize)
            let descriptor = try VP8PayloadDescriptor(parsing: payload)
            check(descriptor.encoded() == [UInt8](copying: payload.clamped(offset: 0, size: descriptor.encodedSize)))
            markers += info.marker ? 1 : 0
            let frame = assembler.receive(
                payload: payload, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, marker: info.marker)
            frames += frame.map { [$0] } ?? []
        }
        check(frames.count == markers)
        check(assembler.droppedCount == 0)
        let first = try #require(frames.first)
        check(first.isKeyFrame)
        let header = try VP8KeyFrameHeader(parsing: first.data.rawSpan)
        check((header.width, header.height) == (640, 480))
        let numbers = frames.compactMap(\.pictureID)
        check(zip(numbers, numbers.dropFirst()).allSatisfy { ($0 + 1) & 0x7FFF == $1 })
    }

    @Test("The jitter buffer gives out the same frames when packets swap places")
    func jitterBuffer() throws {
        var packets = try Self.capture()
        for index in stride(from: 3, to: packets.count - 2, by: 5) { packets.swapAt(index, index + 1) }
        var buffer = VideoJitterBuffer()
        var frames: [AssembledVideoFrame] = []
        for (index, packet) in packets.enumerated() {
            let info = try RTPPacketInfo(parsing: packet.rawSpan)
            let payload = packet.rawSpan.clamped(offset: info.payloadOffset, size: info.payloadSize)
            let now = MediaInstant.start + .milliseconds(Int64(index) * 10)
            buffer.insert(payload: payload, info: info, now: now)
            while let frame = buffer.pollFrame(now: now) { frames.append(frame) }
        }
        let frameCount = try packets.count { try RTPPacketInfo(parsing: $0.rawSpan).marker }
        check(buffer.lossCount == 0)
        let numbers = frames.compactMap(\.pictureID)
        #expect(numbers.count == frameCount)
        check(zip(numbers, numbers.dropFirst()).allSatisfy { ($0 + 1) & 0x7FFF == $1 })
    }
}
