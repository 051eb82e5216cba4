import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("ICEAgent consent and restart, RFC 7675 and RFC 8445 §9")
struct ICEConsentTests {
    private func connected(seed: UInt64, roles: (ICERole, ICERole) = (.controlling, .controlled)) -> ICECall {
        let call = ICECall(seed: seed, roles: roles)
        call.signal()
        call.run(.seconds(3))
        #expect(call.areConnected)
        return call
    }

    @Test("A silent peer is disconnected after ten seconds and failed after fifteen")
    func losesConsent() {
        let call = connected(seed: 1)
        call.link.conditions.loss = 1
        call.run(.milliseconds(7_000))
        #expect(call.areConnected)
        call.run(.milliseconds(3_100))
        #expect(call.left.state == .disconnected)
        #expect(call.left.selectedPath != nil)
        call.run(.seconds(5))
        #expect(call.left.state == .failed)
        #expect(call.left.selectedPath == nil)
        #expect(!call.leftAccepts(ICECall.rightHost))
        let sent = call.sent[.left]
        call.run(.seconds(20))
        #expect(call.sent[.left] == sent)
    }

    @Test(
        "An outage of twelve seconds ends within a second of the network's return",
        arguments: 1...10 as ClosedRange<UInt64>)
    func recovers(seed: UInt64) {
        let call = connected(seed: seed)
        call.link.conditions.loss = 1
        call.run(.seconds(12))
        #expect(call.left.state == .disconnected)
        call.link.conditions.loss = 0
        call.run(.seconds(1))
        #expect(call.areConnected)
    }

    @Test("Consent costs about one check in two seconds")
    func asksSeldom() {
        let call = connected(seed: 2)
        let before = call.left.statistics.checksSent
        call.run(.seconds(100))
        #expect((40...64).contains(call.left.statistics.checksSent - before))
    }

    @Test("A rebound NAT is followed, by either role", arguments: [ICERole.controlling, .controlled])
    func followsRebinding(role: ICERole) {
        for seed in 1...10 as ClosedRange<UInt64> {
            let call = ICECall(seed: seed, roles: (role, role == .controlling ? .controlled : .controlling))
            call.leftSeenAs = ICECall.address("203.0.113.7", 40_000)
            call.signal()
            call.run(.seconds(10))
            #expect(call.areConnected)
            call.leftSeenAs = ICECall.address("203.0.113.7", 40_001)
            call.run(.seconds(8))
            #expect(call.right.selectedPath?.remote == call.leftSeenAs)
            #expect(call.areConnected)
        }
    }

    @Test("Media keeps its pair through a restart until the new generation nominates")
    func restarts() {
        let call = connected(seed: 3)
        let path = call.left.selectedPath
        let leftFresh = call.freshCredentials()
        let rightFresh = call.freshCredentials()
        call.left.restart(local: leftFresh, now: call.now)
        #expect(call.left.selectedPath == path)
        #expect(call.leftAccepts(ICECall.rightHost))
        #expect(call.left.localUfrags.count == 2)
        call.run(.seconds(9))
        #expect(call.left.selectedPath == path && call.left.state == .checking)
        call.leftSeenAs = ICECall.address("198.51.100.9", 1234)
        call.right.restart(local: rightFresh, now: call.now)
        call.signal()
        call.run(.seconds(1))
        #expect(call.areConnected)
        #expect(call.right.selectedPath?.remote == call.leftSeenAs)
        #expect(call.left.localUfrags == [leftFresh.ufrag])
    }

    @Test("A restart that nobody answers is given up, and the pair before it is what counts")
    func restartsInVain() {
        let call = connected(seed: 3)
        let path = call.left.selectedPath
        call.left.restart(local: call.freshCredentials(), now: call.now)
        call.run(.seconds(14))
        #expect(call.left.state == .checking)
        call.run(.seconds(4))
        #expect(call.left.state == .connected && call.left.selectedPath == path)
        call.link.conditions.loss = 1
        call.run(.seconds(20))
        #expect(call.left.state == .failed)
    }

    @Test("A restart revives a failed agent")
    func restartsAfterFailure() {
        let call = connected(seed: 4)
        call.link.conditions.loss = 1
        call.run(.seconds(20))
        #expect(call.left.state == .failed && call.right.state == .failed)
        call.link.conditions.loss = 0
        let fresh = (call.freshCredentials(), call.freshCredentials())
        call.left.restart(local: fresh.0, now: call.now)
        call.right.restart(local: fresh.1, now: call.now)
        call.signal()
        call.run(.seconds(1))
        #expect(call.areConnected)
    }

    @Test("A closed agent does nothing more")
    func closes() {
        let call = connected(seed: 5)
        call.left.close()
        #expect(call.left.deadline == nil)
        #expect(call.nextFromLeft() == nil)
        call.run(.seconds(30))
        #expect(call.left.state == .closed)
        #expect(call.right.state == .failed)
    }
}
