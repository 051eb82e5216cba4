import LiveKitCore
import Testing

@Suite("Retransmission payload, RFC 4588")
struct RTXPacketTests {
    private static func original(padding: UInt8 = 0) -> RTPPacket {
        var header = RTPHeader(
            payloadType: 96, marker: true, sequenceNumber: SequenceNumber(rawValue: 65_535), timestamp: 77,
            ssrc: SSRC(rawValue: 1), extensions: [.init(id: 4, value: [1, 2, 3])])
        header.paddingSize = padding
        return RTPPacket(header: header, payload: [5, 6, 7])
    }

    private static func wrap(_ packet: RTPPacket, room: Int = 100) throws -> [UInt8]? {
        let bytes = packet.encoded()
        var target = [UInt8](repeating: 0xFF, count: room)
        var span = target.mutableSpan
        var raw = unsafe span.mutableBytes
        let size = RTXPacket.wrap(
            bytes.rawSpan, info: try RTPPacketInfo(parsing: bytes.rawSpan), payloadType: 97,
            sequenceNumber: SequenceNumber(rawValue: 3), ssrc: SSRC(rawValue: 2), into: &raw)
        return size.map { Array(target.prefix($0)) }
    }

    @Test("A wrapped packet carries the original number before its payload, and loses its padding")
    func wrapping() throws {
        let wrapped = try RTPPacket(parsing: try #require(try Self.wrap(Self.original(padding: 4))))
        #expect(wrapped.payload == [0xFF, 0xFF, 5, 6, 7])
        #expect(wrapped.header.payloadType == 97)
        #expect(wrapped.header.ssrc.rawValue == 2)
        #expect(wrapped.header.sequenceNumber.rawValue == 3)
        #expect(wrapped.header.timestamp == 77)
        #expect(wrapped.header.paddingSize == 0)
        #expect(wrapped.header.extensions == Self.original().header.extensions)
    }

    @Test func unwrappingRestoresTheOriginal() throws {
        var bytes = try #require(try Self.wrap(Self.original()))
        let info = try RTPPacketInfo(parsing: bytes.rawSpan)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let isUnwrapped = RTXPacket.unwrap(&raw, info: info, payloadType: 96, ssrc: SSRC(rawValue: 1))
        #expect(isUnwrapped)
        #expect(try RTPPacket(parsing: Array(bytes.dropFirst(RTXPacket.overhead))) == Self.original())
    }

    @Test("A payload below two bytes is no retransmission and stays as it is", arguments: 0..<2)
    func shortPayload(size: Int) throws {
        var packet = Self.original()
        packet.payload = Array(repeating: 9, count: size)
        var bytes = packet.encoded()
        let info = try RTPPacketInfo(parsing: bytes.rawSpan)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let isUnwrapped = RTXPacket.unwrap(&raw, info: info, payloadType: 96, ssrc: SSRC(rawValue: 1))
        #expect(!isUnwrapped)
        #expect(bytes == packet.encoded())
    }

    @Test func aTargetThatIsTooSmallIsRefused() throws {
        #expect(try Self.wrap(Self.original(), room: 20) == nil)
    }
}
