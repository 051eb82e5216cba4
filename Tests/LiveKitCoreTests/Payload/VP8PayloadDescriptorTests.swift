import LiveKitCore
import Testing

@Suite("VP8 payload descriptor, RFC 7741 §4.2")
struct VP8PayloadDescriptorTests {
    /// The forms of the descriptor, each followed by nothing.
    static let vectors: [[UInt8]] = [
        [0x10], [0x00], [0x35],
        [0x90, 0x00],
        [0x90, 0x80, 0x11],
        [0x90, 0x80, 0x92, 0x34],
        [0x90, 0xE0, 0x80, 0x11, 0x22, 0x40],
        [0xB0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x90, 0x40, 0x07],
        [0x90, 0x10, 0x1F],
    ]

    @Test("Each form is written back to the same bytes", arguments: vectors)
    func roundTrip(bytes: [UInt8]) throws {
        let descriptor = try VP8PayloadDescriptor(parsing: (bytes + [0xEE, 0xEE]).rawSpan)
        #expect(descriptor.encodedSize == bytes.count)
        #expect(descriptor.encoded() == bytes)
        var target: [UInt8] = Array(repeating: 0xAA, count: 8)
        var span = target.mutableSpan
        var raw = unsafe span.mutableBytes
        let written = descriptor.write(to: &raw, at: 1)
        let refused = descriptor.write(to: &raw, at: 8)
        #expect(written == bytes.count)
        #expect(refused == nil)
        #expect(target == [0xAA] + bytes + Array(repeating: 0xAA, count: 7 - bytes.count))
    }

    @Test("Every truncation throws", arguments: vectors)
    func truncation(bytes: [UInt8]) {
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try VP8PayloadDescriptor(parsing: Array(bytes.prefix(length)).rawSpan) }
        }
    }

    @Test func fieldsAreWhereTheRFCPutsThem() throws {
        let descriptor = try VP8PayloadDescriptor(parsing: [0xB0, 0xF0, 0x92, 0x34, 0x22, 0x65].rawSpan)
        #expect(descriptor.isNonReference)
        #expect(descriptor.isPartitionStart)
        #expect(descriptor.partitionIndex == 0)
        #expect(descriptor.pictureID == 0x1234)
        #expect(descriptor.isPictureIDLong)
        #expect(descriptor.temporalLayerZeroIndex == 0x22)
        #expect(descriptor.temporalID == 1)
        #expect(descriptor.isLayerSync)
        #expect(descriptor.keyIndex == 5)
    }

    private func isKeyFrame(_ payload: [UInt8]) -> Bool { VP8PayloadDescriptor.isKeyFrame(payload: payload.rawSpan) }

    @Test("A key frame is known by its tag and its start code")
    func keyFrames() throws {
        let frame: [UInt8] = [0x50, 0x42, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x41]
        #expect(isKeyFrame([0x10] + frame))
        #expect(isKeyFrame([0x90, 0x80, 0x11] + frame))
        #expect(!isKeyFrame([0x00] + frame))
        #expect(!isKeyFrame([0x11] + frame))
        #expect(!isKeyFrame([0x10, 0x51] + frame.dropFirst()))
        #expect(!isKeyFrame([0x10] + frame.prefix(5)))
        let header = try VP8KeyFrameHeader(parsing: frame.rawSpan)
        #expect((header.width, header.height) == (640, 480))
        for length in 0..<10 {
            #expect(throws: WireError.self) { try VP8KeyFrameHeader(parsing: Array(frame.prefix(length)).rawSpan) }
        }
    }
}
