import LiveKitCore
import Testing

@Suite("FlexFEC header, draft-ietf-payload-flexible-fec-scheme-03 §4.2")
struct FlexFECHeaderTests {
    /// R and F clear, then: PT 123, length abcd, timestamp 01234567, one SSRC 11223344, base aabb.
    private static let fixed: [UInt8] = [
        0x00, 0x7B, 0xAB, 0xCD, 0x01, 0x23, 0x45, 0x67, 1, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0xAA, 0xBB,
    ]

    private static let masks: [(wire: [UInt8], offsets: [Int])] = [
        // The masks by which libwebrtc tests its reader and writer.
        ([0x88, 0x81], [3, 7, 14]),
        ([0x48, 0x81, 0x82, 0x11, 0x00, 0x21], [0, 3, 7, 14, 20, 25, 29, 40, 45]),
        (
            [0x48, 0x81, 0x02, 0x11, 0x00, 0x21, 0x81, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11],
            [0, 3, 7, 14, 20, 25, 29, 40, 45] + stride(from: 52, through: 108, by: 4)
        ),
        // The ends of each part.
        ([0xC0, 0x00], [0]), ([0x80, 0x01], [14]), ([0x00, 0x00, 0xC0, 0, 0, 0], [15]),
        ([0x00, 0x00, 0x80, 0, 0, 1], [45]), ([0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0], [46]),
        ([0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1], [108]),
    ]

    @Test("Reads and writes each form of mask bit by bit", arguments: 0..<9)
    func vectors(index: Int) throws {
        let (wire, offsets) = Self.masks[index]
        let bytes = Self.fixed + wire
        let (header, size) = try FlexFECHeader.parse((bytes + [9, 9]).rawSpan)
        #expect(size == bytes.count)
        #expect(header.flagsRecovery == 0x007B)
        #expect(header.lengthRecovery == 0xABCD)
        #expect(header.timestampRecovery == 0x0123_4567)
        #expect(header.protected == SSRC(rawValue: 0x1122_3344))
        #expect(header.base == SequenceNumber(rawValue: 0xAABB))
        #expect(header.mask == FlexFECMask(offsets: offsets))
        #expect((0..<200).filter(header.mask.contains) == offsets)
        #expect(header.mask.first == offsets.first && header.mask.last == offsets.last)
        #expect(header.mask.count == offsets.count)
        #expect(header.encoded() == bytes)
        #expect(header.encodedSize == bytes.count)
    }

    @Test("What no peer of ours sends is refused")
    func refusals() throws {
        func parse(_ change: (inout [UInt8]) -> Void) throws(WireError) {
            var bytes = Self.fixed + [0x88, 0x81]
            change(&bytes)
            _ = try FlexFECHeader.parse(bytes.rawSpan)
        }
        #expect(throws: WireError.invalid(.type)) { try parse { $0[0] |= 0x80 } }
        #expect(throws: WireError.invalid(.type)) { try parse { $0[0] |= 0x40 } }
        #expect(throws: WireError.invalid(.count)) { try parse { $0[8] = 0 } }
        #expect(throws: WireError.invalid(.count)) { try parse { $0[8] = 2 } }
        #expect(throws: WireError.invalid(.mask)) { try parse { $0.replaceSubrange(18..., with: [0x80, 0]) } }
        // The third part must be the last.
        #expect(throws: WireError.invalid(.mask)) {
            try parse { $0.replaceSubrange(18..., with: [0, 1, 0, 0, 0, 1] + [UInt8](repeating: 1, count: 8)) }
        }
    }

    @Test("Every truncation throws", arguments: 0..<9)
    func truncation(index: Int) throws {
        let bytes = Self.fixed + Self.masks[index].wire
        for length in bytes.indices {
            let cut = Array(bytes.prefix(length))
            #expect(throws: WireError.self) { try FlexFECHeader.parse(cut.rawSpan) }
        }
    }

    @Test("Random headers come back as they were, random bytes never trap")
    func random() throws {
        var random = DeterministicRandom(seed: 1)
        for _ in 0..<2000 {
            let offsets = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                Int.random(in: 0..<[15, 46, 109][Int.random(in: 0...2, using: &random)], using: &random)
            }
            let header = FlexFECHeader(
                flagsRecovery: .random(in: 0...0x3FFF, using: &random),
                lengthRecovery: .random(in: .min ... .max, using: &random),
                timestampRecovery: .random(in: .min ... .max, using: &random),
                protected: SSRC(rawValue: .random(in: .min ... .max, using: &random)),
                base: SequenceNumber(rawValue: .random(in: .min ... .max, using: &random)),
                mask: FlexFECMask(offsets: offsets))
            let bytes = header.encoded()
            let read = try FlexFECHeader.parse(bytes.rawSpan)
            #expect(read.header == header && read.size == bytes.count)
            let noise = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            _ = try? FlexFECHeader.parse(noise.rawSpan)
        }
    }
}
