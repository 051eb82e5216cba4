import LiveKitCore
import Testing

@Suite("Data channel establishment, RFC 8832")
struct DataChannelMessageTests {
    static let types: [(UInt8, Bool, DataChannelReliability)] = [
        (0x00, true, .reliable), (0x80, false, .reliable), (0x01, true, .maxRetransmits(7)),
        (0x81, false, .maxRetransmits(7)), (0x02, true, .maxLifetime(milliseconds: 7)),
        (0x82, false, .maxLifetime(milliseconds: 7)),
    ]

    @Test("Every channel type has its number", arguments: types)
    func channelTypes(type: UInt8, isOrdered: Bool, reliability: DataChannelReliability) throws {
        let open = DataChannelOpen(isOrdered: isOrdered, reliability: reliability, label: "é", protocolName: "p")
        let parameter: UInt8 = reliability == .reliable ? 0 : 7
        let bytes: [UInt8] = [3, type, 1, 0, 0, 0, 0, parameter, 0, 2, 0, 1, 0xC3, 0xA9, 0x70]
        #expect(DataChannelMessage.open(open).encoded() == bytes)
        #expect(try DataChannelMessage(parsing: bytes) == .open(open))
    }

    @Test("ACK is one byte")
    func ack() throws {
        #expect(DataChannelMessage.ack.encoded() == [2])
        #expect(try DataChannelMessage(parsing: [2]) == .ack)
    }

    @Test("Unknown messages and channel types are refused, and so is everything cut short")
    func malformed() {
        let open = DataChannelMessage.open(DataChannelOpen(label: "_reliable", protocolName: "x")).encoded()
        for length in 0..<open.count {
            #expect(throws: WireError.self) { try DataChannelMessage(parsing: Array(open[..<length])) }
        }
        var unknown = open
        unknown[1] = 3
        #expect(throws: WireError.self) { try DataChannelMessage(parsing: unknown) }
        #expect(throws: WireError.invalid(.type)) { try DataChannelMessage(parsing: [1]) }
    }

    @Test("Random bytes never trap")
    func randomBytes() {
        var random = DeterministicRandom(seed: 3)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random)
            }
            _ = try? DataChannelMessage(parsing: bytes)
        }
    }
}
