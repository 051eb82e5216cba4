import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Sequence numbers without wraps, RFC 3550 A.1")
struct SequenceExtenderTests {
    @Test("Three wraps with loss and reordering stay continuous")
    func wraps() {
        var random = DeterministicRandom(seed: 3)
        var extender = SequenceExtender()
        var number: Int64 = 60_000
        _ = extender.extend(SequenceNumber(rawValue: 60_000))
        while number < 65_536 * 4 {
            number += Int64.random(in: 1...400, using: &random)
            let late = number - Int64.random(in: 0...300, using: &random)
            check(extender.extend(SequenceNumber(rawValue: UInt16(truncatingIfNeeded: number))) == number)
            check(extender.extend(SequenceNumber(rawValue: UInt16(truncatingIfNeeded: late))) == late)
            check(extender.highest == number)
        }
    }

    @Test func timestampsWrapToo() {
        var extender = TimestampExtender()
        check(extender.extend(0xFFFF_FFFF) == 0xFFFF_FFFF)
        check(extender.extend(1) == 0x1_0000_0001)
        check(extender.extend(0xFFFF_FFF0) == 0xFFFF_FFF0)
    }
}
