import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("RTP packets, RFC 3550 and RFC 8285")
struct RTPPacketTests {
    /// Two contributing sources, two one-byte extension elements with padding between, three bytes of padding.
    private static let vector: [UInt8] = [
        0xB2, 0xE0, 0x12, 0x34, 0x00, 0x01, 0x02, 0x03, 0xDE, 0xAD, 0xBE, 0xEF,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,
        0xBE, 0xDE, 0x00, 0x02, 0x10, 0xAA, 0x00, 0x31, 0x56, 0xCE, 0x00, 0x00,
        0x01, 0x02, 0x03, 0x04, 0x05, 0x00, 0x00, 0x03,
    ]

    private func octets(_ count: ClosedRange<Int>, _ random: inout DeterministicRandom) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in .random(in: .min ... .max, using: &random) }
    }

    private func info(of bytes: [UInt8]) throws -> RTPPacketInfo { try RTPPacketInfo(parsing: bytes.rawSpan) }

    /// Offset and size of an extension element.
    private func element(_ id: UInt8, in bytes: [UInt8]) throws -> [Int]? {
        let info = try RTPPacketInfo(parsing: bytes.rawSpan)
        return info.extensionRange(id: id, in: bytes.rawSpan).map { [$0.offset, $0.size] }
    }

    @Test func readsTheVectorInPlace() throws {
        let info = try info(of: Self.vector)
        #expect(info.sequenceNumber.rawValue == 0x1234)
        #expect(info.timestamp == 0x0001_0203)
        #expect(info.ssrc.rawValue == 0xDEAD_BEEF)
        #expect(info.payloadType == 0x60)
        #expect(info.marker)
        #expect(info.headerSize == 32)
        #expect(info.payloadOffset == 32)
        #expect(info.payloadSize == 5)
        #expect(info.paddingSize == 3)
        #expect(info.extensionProfile == 0xBEDE)
        #expect(info.extensionOffset == 24)
        #expect(info.extensionLength == 8)
        #expect(try element(1, in: Self.vector) == [25, 1])
        #expect(try element(3, in: Self.vector) == [28, 2])
        #expect(try element(2, in: Self.vector) == nil)
    }

    @Test func readsTheVectorAsAValue() throws {
        let packet = try RTPPacket(parsing: Self.vector)
        #expect(packet.header.csrcs.map(\.rawValue) == [1, 2])
        #expect(packet.header.extensions == [.init(id: 1, value: [0xAA]), .init(id: 3, value: [0x56, 0xCE])])
        #expect(packet.payload == [1, 2, 3, 4, 5])
        #expect(try RTPPacket(parsing: packet.encoded()) == packet)
    }

    @Test("Every truncation of the header throws", arguments: 0..<32)
    func truncationThrows(length: Int) {
        #expect(throws: WireError.self) { try info(of: Array(Self.vector.prefix(length))) }
    }

    @Test("Padding that is empty or larger than the payload is refused", arguments: [0, 9, 255] as [UInt8])
    func badPaddingThrows(count: UInt8) {
        let bytes = Self.vector.dropLast() + [count]
        #expect(throws: WireError.invalid(.padding)) { try info(of: Array(bytes)) }
    }

    @Test func anotherVersionIsRefused() {
        #expect(throws: WireError.invalid(.version)) { try RTPHeader(parsing: [0x40] + Self.vector.dropFirst()) }
    }

    @Test("Elements too large for the one-byte form are written in the two-byte form")
    func twoByteForm() throws {
        var header = RTPHeader(
            payloadType: 96, sequenceNumber: SequenceNumber(rawValue: 7), timestamp: 8, ssrc: SSRC(rawValue: 9))
        header.extensions = [
            .init(id: 1, value: []), .init(id: 20, value: [1]), .init(id: 3, value: Array(repeating: 7, count: 40)),
        ]
        let bytes = header.encoded()
        #expect(Array(bytes[12..<14]) == [0x10, 0x00])
        #expect(bytes.count % 4 == 0)
        #expect(try RTPHeader(parsing: bytes) == header)
        #expect(try element(1, in: bytes)?.last == 0)
        #expect(try element(3, in: bytes)?.last == 40)
    }

    @Test("An element that reaches past the extension ends it and costs the packet nothing")
    func brokenElement() throws {
        var bytes = Self.vector
        bytes[27] = 0x3F
        #expect(try element(1, in: bytes) != nil)
        #expect(try element(3, in: bytes) == nil)
        #expect(try info(of: bytes).payloadSize == 5)
    }

    @Test("Identifier 15 ends the one-byte form")
    func reservedIdentifier() throws {
        var bytes = Self.vector
        bytes[24] = 0xF0
        #expect(try element(3, in: bytes) == nil)
        #expect(try element(15, in: bytes) == nil)
    }

    @Test("Random headers survive a round trip", arguments: 0..<100 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        var header = RTPHeader(
            payloadType: .random(in: 0...127, using: &random), marker: .random(using: &random),
            sequenceNumber: SequenceNumber(rawValue: .random(in: .min ... .max, using: &random)),
            timestamp: .random(in: .min ... .max, using: &random),
            ssrc: SSRC(rawValue: .random(in: .min ... .max, using: &random)))
        header.csrcs = octets(0...15, &random).map { SSRC(rawValue: UInt32($0)) }
        header.paddingSize = .random(in: 0...9, using: &random)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            header.extensions.append(.init(id: .random(in: 1...16, using: &random), value: octets(1...18, &random)))
        }
        let packet = RTPPacket(header: header, payload: octets(0...64, &random))
        #expect(try RTPPacket(parsing: packet.encoded()) == packet)
    }

    @Test("Random bytes never trap", arguments: 0..<300 as Range<UInt64>)
    func arbitraryBytes(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        if !bytes.isEmpty { bytes[0] = bytes[0] & 0x3F | 0x80 }
        if bytes.count > 16, seed % 2 == 0 { bytes.replaceSubrange(12..<16, with: [0xBE, 0xDE, 0, 2]) }
        guard let packet = try? RTPPacket(parsing: bytes) else { return }
        #expect((try? RTPPacket(parsing: packet.encoded()))?.payload == packet.payload)
    }

    private static func rewritten() -> [UInt8] {
        var bytes = vector
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        raw.rewriteRTPHeader(
            payloadType: 100, marker: false, sequenceNumber: SequenceNumber(rawValue: 1), timestamp: 2,
            ssrc: SSRC(rawValue: 3))
        return bytes
    }

    @Test func rewritingInPlaceChangesTheFieldsAlone() throws {
        let bytes = Self.rewritten()
        var expected = try RTPPacket(parsing: Self.vector)
        expected.header.payloadType = 100
        expected.header.marker = false
        expected.header.sequenceNumber = SequenceNumber(rawValue: 1)
        expected.header.timestamp = 2
        expected.header.ssrc = SSRC(rawValue: 3)
        #expect(try RTPPacket(parsing: bytes) == expected)
    }
}

@Suite("RTP corpora", .enabled(if: TestData.root != nil, "the corpora are not here"))
struct RTPCorpusTests {
    private func info(_ name: String) throws -> RTPPacketInfo {
        let file = try #require(named(name))
        let bytes = try TestData.bytes(of: file)
        return try RTPPacketInfo(parsing: bytes.rawSpan)
    }

    private func named(_ name: String) -> URL? {
        TestData.files(in: "aiortc-bsd3").first { $0.lastPathComponent == name }
    }

    @Test func capturedPacketsReadAsTheirNamesSay() throws {
        #expect(try info("rtp.bin").payloadSize == 160)
        #expect(try info("rtp_dtmf.bin").marker)
        #expect(try info("rtp_dtmf.bin").payloadSize == 4)
        #expect(try info("rtp_only_padding.bin").paddingSize == 224)
        #expect(try info("rtp_only_padding.bin").payloadSize == 0)
        #expect(try info("rtp_only_padding_with_header_extensions.bin").payloadSize == 0)
        #expect(try info("rtp_only_padding_with_header_extensions.bin").extensionLength == 4)
        #expect(try info("rtp_with_csrc.bin").csrcCount == 2)
        #expect(try info("rtp_with_sdes_mid.bin").extensionProfile == 0xBEDE)
    }

    @Test func seedsNeverTrap() throws {
        let files = TestData.files(in: "webrtc-bsd3/rtp-corpus")
        #expect(!files.isEmpty)
        for file in files {
            let bytes = try TestData.bytes(of: file)
            for length in stride(from: 0, through: min(bytes.count, 256), by: 1) {
                _ = try? RTPPacket(parsing: Array(bytes.prefix(length)))
            }
            _ = try? RTPPacket(parsing: bytes)
        }
    }
}
