import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("ICEAgent and peers that nominate in their own way")
struct ICENominationTests {
    /// A controlled agent with two valid pairs, the first selected.
    private func agentWithTwoPairs(
        _ peer: inout ScriptedPeer, nomination: [STUNAttribute] = [.useCandidate]
    ) throws -> ScriptedAgent {
        let agent = ScriptedPeer.agent(
            .controlled, peer: peer, candidates: [ScriptedPeer.host, ScriptedPeer.otherHost])
        for check in agent.checks() {
            agent.take(try peer.answer(check), from: check.path.remote, at: .milliseconds(20))
        }
        agent.take(peer.check(nomination), at: .milliseconds(30))
        _ = agent.allTransmits()
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
        #expect(agent.state == .connected)
        return agent
    }

    @Test("Of the pairs that an aggressive peer nominates all at once, the better one is kept")
    func keepsTheBetterPair() throws {
        var peer = ScriptedPeer()
        let agent = try agentWithTwoPairs(&peer)
        for round in 0..<5 as Range<Int64> {
            agent.take(peer.check([.useCandidate]), from: ScriptedPeer.otherHost, at: .milliseconds(40 + 10 * round))
            agent.take(peer.check([.useCandidate]), at: .milliseconds(45 + 10 * round))
        }
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
    }

    @Test("An aggressive peer's better pair is taken when it comes second")
    func takesTheBetterPair() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(
            .controlled, peer: peer, candidates: [ScriptedPeer.host, ScriptedPeer.otherHost])
        for check in agent.checks() {
            agent.take(try peer.answer(check), from: check.path.remote, at: .milliseconds(20))
        }
        agent.take(peer.check([.useCandidate]), from: ScriptedPeer.otherHost, at: .milliseconds(30))
        #expect(agent.selectedPath?.remote == ScriptedPeer.otherHost)
        agent.take(peer.check([.useCandidate]), at: .milliseconds(40))
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
    }

    @Test("A pair nominated before it was found to work is taken once it is")
    func waitsForItsOwnCheck() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer)
        let check = try #require(agent.checks().first)
        agent.take(peer.check([.useCandidate]), at: .milliseconds(5))
        #expect(agent.state == .checking)
        agent.take(try peer.answer(check), at: .milliseconds(20))
        #expect(agent.state == .connected)
    }

    @Test("A peer that has left the selected pair for a lesser one is followed once it no longer nominates the first")
    func followsAbandonment() throws {
        var peer = ScriptedPeer()
        let agent = try agentWithTwoPairs(&peer)
        agent.take(peer.check([.useCandidate]), from: ScriptedPeer.otherHost, at: .milliseconds(3_100))
        #expect(agent.selectedPath?.remote == ScriptedPeer.otherHost)
    }

    @Test("A numbered nomination is followed at once, an older one not")
    func followsRenomination() throws {
        var peer = ScriptedPeer()
        let numbered = { (number: UInt8) in STUNAttribute.other(type: 0xC001, value: [0, 0, 0, number]) }
        let agent = try agentWithTwoPairs(&peer, nomination: [.useCandidate, numbered(3)])
        agent.take(
            peer.check([.useCandidate, numbered(2)]), from: ScriptedPeer.otherHost, at: .milliseconds(40))
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
        agent.take(
            peer.check([.useCandidate, numbered(4)]), from: ScriptedPeer.otherHost, at: .milliseconds(50))
        #expect(agent.selectedPath?.remote == ScriptedPeer.otherHost)
    }

    @Test("Media may begin on a valid pair before any is nominated")
    func selectsProvisionally() throws {
        let peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer)
        let check = try #require(agent.checks().first)
        #expect(agent.selectedPath == nil)
        agent.take(try peer.answer(check), at: .milliseconds(20))
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
        #expect(agent.state == .checking)
        agent.handleTimeout(at: .seconds(16))
        #expect(agent.state == .failed && agent.selectedPath == nil)
    }

    @Test("A valid pair over a relay waits for better ones, unless the peer has no more to offer")
    func waitsForDirectPairs() throws {
        for isEnded in [false, true] {
            let peer = ScriptedPeer()
            let agent = ScriptedPeer.agent(.controlling, peer: peer, candidates: [])
            let relayed = ICECall.address("198.51.100.9", 30_000)
            agent.change { agent in
                agent.addLocalCandidate(ICECandidate(relayed: relayed, allocation: 1), now: .start)
                agent.addRemoteCandidate(ICECandidate(host: ScriptedPeer.host), now: .start)
                if isEnded { agent.endRemoteCandidates(now: .start) }
            }
            let check = try #require(agent.checks().first { $0.path.transport == .relay(1) })
            // The direct pair is given up first, so that the relayed one has no rival.
            agent.change { agent in
                for index in agent.checklist.pairs.indices where agent.checklist.pairs[index].isDirect {
                    agent.checklist.pairs[index].state = .failed
                    agent.checklist.pairs[index].check = nil
                }
            }
            agent.take(try peer.answer(check), at: .milliseconds(20), over: .relay(1))
            let nominations = agent.checks().filter { (try? STUNMessage(parsing: $0.bytes))?.nominates ?? false }
            #expect(nominations.isEmpty == !isEnded)
            agent.handleTimeout(at: .milliseconds(530))
            let later = agent.checks().filter { (try? STUNMessage(parsing: $0.bytes))?.nominates ?? false }
            #expect(isEnded || later.count == 1)
        }
    }
}
