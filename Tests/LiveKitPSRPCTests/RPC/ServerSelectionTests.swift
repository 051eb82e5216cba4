import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitPSRPC

@Suite("The choice among servers that bid")
struct ServerSelectionTests {
    private static let end = MediaInstant.start + .seconds(3)

    private func bid(_ server: String, _ affinity: Float) -> PSRPCClaimRequest {
        var bid = PSRPCClaimRequest()
        bid.serverID = server
        bid.affinity = affinity
        return bid
    }

    private func selection(_ selection: RPCSelection) -> ServerSelection {
        ServerSelection(selection, end: Self.end, now: .start)
    }

    @Test("Without affinity the first bid is taken")
    func takesTheFirst() {
        var machine = selection(.standard(hasAffinity: false))
        machine.receive(bid("a", 0), now: .start)
        machine.receive(bid("b", 1), now: .start)
        #expect(machine.outcome == .success("a"))
        #expect(machine.deadline == nil)
    }

    @Test("With affinity the highest bid wins, 200 ms after the first")
    func takesTheHighest() {
        var machine = selection(.standard(hasAffinity: true))
        #expect(machine.deadline == .start + .seconds(1))
        machine.receive(bid("a", 0.5), now: .start + .milliseconds(100))
        machine.receive(bid("b", 0.9), now: .start + .milliseconds(150))
        machine.receive(bid("c", 0.9), now: .start + .milliseconds(160))
        #expect(machine.deadline == .start + .milliseconds(300))
        machine.handleTimeout(now: .start + .milliseconds(299))
        #expect(machine.outcome == nil)
        machine.handleTimeout(now: .start + .milliseconds(300))
        #expect(machine.outcome == .success("b"))
    }

    @Test("A bid at the maximum is taken at once, one below the minimum never")
    func minimumAndMaximum() {
        var rules = RPCSelection.standard(hasAffinity: true)
        (rules.minimumAffinity, rules.maximumAffinity) = (0.3, 1)
        var machine = selection(rules)
        machine.receive(bid("low", 0.2), now: .start)
        #expect(machine.deadline == .start + .seconds(1))
        var other = machine
        machine.receive(bid("full", 1), now: .start)
        #expect(machine.outcome == .success("full"))
        other.handleTimeout(now: .start + .seconds(1))
        #expect(other.outcome == .failure(.unclaimed("no servers available (received 1 responses)")))
    }

    @Test("Without a bid there is no response after a second, or the servers' complaint")
    func nobodyBids() {
        var machine = selection(.standard(hasAffinity: true))
        var complaining = machine
        machine.handleTimeout(now: .start + .seconds(1))
        #expect(machine.outcome == .failure(.noResponse))
        complaining.receive(RPCError(.malformedRequest, "what?"))
        complaining.handleTimeout(now: .start + .seconds(1))
        #expect(complaining.outcome == .failure(RPCError(.malformedRequest, "what?")))
    }

    @Test("A call that ends before bidding does ends the bidding")
    func endsWithTheCall() {
        let machine = ServerSelection(.standard(hasAffinity: true), end: .start + .milliseconds(50), now: .start)
        #expect(machine.deadline == .start + .milliseconds(50))
    }
}
