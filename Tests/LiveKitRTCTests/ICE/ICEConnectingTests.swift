import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("ICEAgent connecting, RFC 8445")
struct ICEConnectingTests {
    @Test("Two agents connect without loss in a few round trips", arguments: 1...20 as ClosedRange<UInt64>)
    func connects(seed: UInt64) {
        for roles in [(ICERole.controlling, ICERole.controlled), (.controlled, .controlling)] {
            let call = ICECall(seed: seed, roles: roles)
            call.signal()
            call.run(.milliseconds(300))
            #expect(call.areConnected)
            #expect(
                call.left.selectedPath == ICEPath(local: ICECall.leftHost, remote: ICECall.rightHost, transport: .udp))
            #expect(call.right.selectedPath?.remote == ICECall.leftHost)
            #expect(call.left.roundTripTime != nil)
        }
    }

    @Test("Two agents connect through 10 and 30 percent loss", arguments: 1...40 as ClosedRange<UInt64>)
    func connectsThroughLoss(seed: UInt64) {
        for (loss, limit) in [(0.1, MediaDuration.seconds(5)), (0.3, .seconds(8))] {
            let call = ICECall(seed: seed, loss: loss)
            call.signal()
            call.run(limit)
            #expect(call.areConnected, "\(loss)")
            call.run(.seconds(60))
            #expect(call.areConnected, "\(loss) later")
        }
    }

    @Test("A role conflict is resolved for the larger tie-breaker", arguments: [ICERole.controlling, .controlled])
    func resolvesConflicts(role: ICERole) {
        for tieBreakers in [(1, 2), (2, 1)] as [(UInt64, UInt64)] {
            for seed in 1...10 as ClosedRange<UInt64> {
                let call = ICECall(seed: seed, roles: (role, role), tieBreakers: tieBreakers)
                call.signal()
                call.run(.seconds(2))
                #expect(call.areConnected)
                #expect(call.left.role != call.right.role)
                #expect(call.left.statistics.roleConflicts + call.right.statistics.roleConflicts > 0)
            }
        }
    }

    @Test("A peer behind a NAT becomes peer-reflexive", arguments: [ICERole.controlling, .controlled])
    func learnsPeerReflexive(role: ICERole) {
        let call = ICECall(seed: 3, roles: (role, role == .controlling ? .controlled : .controlling))
        call.leftSeenAs = ICECall.address("203.0.113.7", 40_000)
        call.signal()
        call.run(.seconds(2))
        #expect(call.areConnected)
        #expect(call.right.selectedPath?.remote == call.leftSeenAs)
    }

    @Test("A peer without any candidate is found by its checks alone")
    func needsNoCandidates() {
        let call = ICECall(seed: 4)
        call.signal(leftCandidates: false)
        call.run(.seconds(1))
        #expect(call.areConnected)
    }

    @Test("Checks that come before the credentials are answered and remembered")
    func remembersEarlyChecks() {
        let call = ICECall(seed: 5)
        call.left.setRemoteCredentials(call.right.localCredentials, now: call.now)
        call.left.addRemoteCandidate(ICECandidate(host: ICECall.rightHost), now: call.now)
        call.drain()
        call.run(.seconds(1))
        #expect(call.right.state == .new)
        #expect(call.rightAccepts(ICECall.leftHost))
        #expect(call.left.state == .connected)
        let before = call.now
        call.right.setRemoteCredentials(call.left.localCredentials, now: call.now)
        call.drain()
        call.run(.milliseconds(200))
        #expect(call.right.state == .connected)
        #expect(call.now - before == .milliseconds(200))
    }

    @Test("A lite peer is controlled, whatever the role was")
    func controlsLitePeers() {
        let call = ICECall(seed: 6, roles: (.controlled, .controlled))
        call.left.setRemoteCredentials(call.right.localCredentials, isLite: true, now: call.now)
        #expect(call.left.role == .controlling)
    }

    @Test("The first checks go at once and the others at the pace")
    func pacesChecks() {
        let call = ICECall(seed: 7)
        call.left.setRemoteCredentials(call.right.localCredentials, now: call.now)
        for port in 1...60 as ClosedRange<UInt16> {
            call.left.addRemoteCandidate(ICECandidate(host: ICECall.address("192.0.2.1", port)), now: call.now)
        }
        call.drain()
        #expect(call.sent[.left] == 5)
        call.run(.seconds(1))
        #expect((20...45).contains(call.sent[.left] ?? 0))
    }

    @Test("Nobody there: failed after fifteen seconds, and silent")
    func givesUp() {
        let call = ICECall(seed: 8, loss: 1)
        call.signal()
        call.run(.milliseconds(14_900))
        #expect(call.left.state == .checking)
        call.run(.milliseconds(200))
        #expect(call.left.state == .failed)
        #expect(call.left.deadline == nil)
        #expect(call.events[.left] == [.stateChanged(.checking), .stateChanged(.failed)])
    }

    @Test("A TCP client is reached over the connection that it opened")
    func connectsOverTCP() {
        let call = ICECall(seed: 9)
        let passive = ICECandidate(host: ICECall.rightHost, transport: .tcp, tcpType: .passive)
        call.right.addLocalCandidate(passive, now: call.now)
        call.left.addLocalCandidate(
            ICECandidate(host: ICECall.leftHost, transport: .tcp, tcpType: .active), now: call.now)
        call.right.setRemoteCredentials(call.left.localCredentials, now: call.now)
        call.left.setRemoteCredentials(call.right.localCredentials, now: call.now)
        call.left.addRemoteCandidate(passive, now: call.now)
        call.drain()
        call.run(.seconds(2))
        #expect(call.areConnected)
        #expect(call.left.selectedPath?.transport == .tcp)
        #expect(call.right.selectedPath?.transport == .tcp)
    }
}
