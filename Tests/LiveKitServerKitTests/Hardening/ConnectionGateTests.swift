import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Connection gate")
struct ConnectionGateTests {
    private func gate(maximum: Int = 0, perSecond: Int = 0, openFiles: Int = 10_000) -> ConnectionGate {
        var limits = LiveKitServerConfiguration.Connections()
        limits.maximum = maximum
        limits.acceptsPerSecond = perSecond
        return ConnectionGate(limits, openFiles: openFiles)
    }

    @Test("So many at once, and not more")
    func maximum() {
        let gate = gate(maximum: 2)
        #expect(gate.enter("a", now: .start) == .taken && gate.enter("b", now: .start) == .taken)
        #expect(gate.enter("c", now: .start) == .tooMany)
        gate.leave()
        #expect(gate.enter("c", now: .start) == .taken)
    }

    @Test("Files are left for other things, whatever is configured", arguments: [(256, 224), (1024, 896), (40, 16)])
    func openFiles(_ limit: Int, _ taken: Int) {
        let gate = gate(openFiles: limit)
        let verdicts = (0..<2000).map { _ in gate.enter(nil, now: .start) }
        #expect(verdicts.count { $0 == .taken } == taken)
    }

    @Test("One address has a burst of four seconds, and its rate after that; others have theirs")
    func rate() {
        let gate = gate(perSecond: 10)
        var now = MediaInstant.start
        #expect((0..<100).count { _ in gate.enter("a", now: now) == .taken } == 40)
        #expect(gate.enter("b", now: now) == .taken && gate.enter(nil, now: now) == .taken)
        now = now + .seconds(1)
        #expect((0..<100).count { _ in gate.enter("a", now: now) == .taken } == 10)
        now = now + .seconds(100)
        #expect((0..<100).count { _ in gate.enter("a", now: now) == .taken } == 40)
    }

    @Test("A rate that no address reaches is none that harms")
    func hugeRate() {
        let gate = gate(perSecond: .max)
        #expect((0..<100).allSatisfy { gate.enter("a", now: .start + .seconds($0)) == .taken })
    }

    @Test("Endlessly many addresses take no endless memory, and do not lock others out for good")
    func manyAddresses() {
        let gate = gate(perSecond: 1, openFiles: 1_000_000)
        var now = MediaInstant.start
        for index in 0..<40_000 { _ = gate.enter("\(index)", now: now) }
        #expect(gate.meters <= 16_385)
        now = now + .seconds(10)
        #expect(gate.enter("new", now: now) == .taken)
    }
}
