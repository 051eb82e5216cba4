import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("SRTP rollover counters, RFC 3711 §3.3.1")
struct RolloverTableTests {
    @Test(
        "The index nearest to the highest is taken",
        arguments: [
            (0xFFFF, 0x1_0000, 0xFFFF), (0x0000, 0xFFFF, 0x1_0000), (0x8000, 0xFFFF, 0x8000),
            (0xFFF0, 0x2_0003, 0x1_FFF0), (0x0005, 0x2_FFF0, 0x3_0005), (0xFFF0, 5, 0xFFF0), (7, 0x2_0003, 0x2_0007),
        ] as [(UInt16, UInt64, UInt64)])
    func estimates(sequenceNumber: UInt16, highest: UInt64, expected: UInt64) {
        #expect(RolloverTable.estimate(sequenceNumber, highest: highest) == expected)
    }

    @Test("A late packet does not move the stream back")
    func latePacketsKeepTheIndex() throws {
        var table = RolloverTable()
        #expect(try table.index(of: 0xFFFE, ssrc: 1) == 0xFFFE)
        #expect(try table.index(of: 1, ssrc: 1) == 0x1_0001)
        #expect(try table.index(of: 0xFFFF, ssrc: 1) == 0xFFFF)
        #expect(try table.index(of: 2, ssrc: 1) == 0x1_0002)
    }

    @Test("A stream that comes back goes on where it was")
    func retiredStreamsAreRemembered() throws {
        var table = RolloverTable()
        _ = try table.index(of: 0xFFFF, ssrc: 1)
        _ = try table.index(of: 0, ssrc: 1)
        table.retire(ssrc: 1)
        #expect(try table.index(of: 1, ssrc: 1) == 0x1_0001)
    }

    @Test("A full table refuses a new stream, until one has retired")
    func fullTableRefuses() throws {
        var table = RolloverTable(capacity: 3)
        for ssrc in 1...3 as ClosedRange<UInt32> { _ = try table.index(of: 1, ssrc: ssrc) }
        #expect(throws: SRTPError.tooManyStreams) { try table.index(of: 1, ssrc: 4) }
        table.retire(ssrc: 2)
        table.retire(ssrc: 1)
        #expect(try table.index(of: 9, ssrc: 4) == 9)
        #expect(try table.index(of: 0xFFFF, ssrc: 1) == 0xFFFF)
        #expect(throws: SRTPError.tooManyStreams) { try table.index(of: 1, ssrc: 2) }
    }
}
