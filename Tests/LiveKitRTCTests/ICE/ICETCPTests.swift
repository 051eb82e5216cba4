import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("ICEAgent over TCP, RFC 6544")
struct ICETCPTests {
    private static let passive = ICECandidate(host: ScriptedPeer.host, transport: .tcp, tcpType: .passive)

    /// Dials; UDP is left out.
    private func agent(_ peer: ScriptedPeer) -> ScriptedAgent {
        var agent = ICEAgent(
            role: .controlling, local: ICECredentials(ufrag: "agentUfrag", password: "agentPasswordOf24Letters"),
            random: DeterministicRandom(seed: 5), tieBreaker: 1)
        agent.addLocalCandidate(ICECandidate(activeTCP: ScriptedPeer.agentHost), now: .start)
        agent.setRemoteCredentials(peer.credentials, now: .start)
        agent.addRemoteCandidate(Self.passive, now: .start)
        return ScriptedAgent(agent)
    }

    private func answer(
        _ agent: ScriptedAgent, _ check: ICETransmit, by peer: ScriptedPeer, at time: MediaDuration
    ) throws {
        agent.take(try peer.answer(check), from: check.path.remote, at: time, over: .tcp)
    }

    @Test("Only active and passive candidates make pairs")
    func pairsOppositeTypes() {
        let active = ICECandidate(activeTCP: ScriptedPeer.agentHost)
        let other = { (type: ICECandidate.TCPType) in
            ICECandidate(host: ScriptedPeer.host, transport: .tcp, tcpType: type)
        }
        #expect(active.pairs(with: other(.passive)))
        #expect(!active.pairs(with: other(.active)) && !active.pairs(with: other(.simultaneousOpen)))
        #expect(!other(.passive).pairs(with: other(.passive)))
        #expect(!active.pairs(with: ICECandidate(host: ScriptedPeer.host)))
        #expect(!ICECandidate(host: ScriptedPeer.agentHost).pairs(with: other(.passive)))
        #expect(active.address.port == 9)
    }

    @Test("TCP repeats by itself: one copy of each check goes out")
    func sendsOnce() throws {
        let agent = agent(ScriptedPeer())
        #expect(agent.checks().count == 1)
        agent.handleTimeout(at: .seconds(5))
        #expect(agent.checks().isEmpty)
    }

    @Test("A connection that cannot be opened fails its pair at once, and one that was lost is dialled again")
    func redials() throws {
        let peer = ScriptedPeer()
        let refused = agent(peer)
        #expect(refused.checks().count == 1)
        refused.change { $0.connectionClosed(to: ScriptedPeer.host, now: .start + .milliseconds(30)) }
        #expect(refused.pairStates == [.failed])

        let agent = agent(peer)
        agent.change { $0.endRemoteCandidates(now: .start) }
        try answer(agent, try #require(agent.checks().first), by: peer, at: .milliseconds(50))
        try answer(agent, try #require(agent.checks().first), by: peer, at: .milliseconds(100))
        #expect(agent.state == .connected && agent.selectedPath?.transport == .tcp)
        agent.change { $0.connectionClosed(to: ScriptedPeer.host, now: .start + .seconds(1)) }
        let path = agent.selectedPath
        let again = try #require(agent.checks().first { $0.path == path })
        try answer(agent, again, by: peer, at: .milliseconds(1_100))
        #expect(agent.state == .connected)
        agent.handleTimeout(at: .seconds(9))
        #expect(agent.state == .connected)
    }

    @Test("UDP takes over from TCP when it turns out to work")
    func upgradesToUDP() throws {
        let peer = ScriptedPeer()
        let agent = agent(peer)
        agent.change { $0.endRemoteCandidates(now: .start) }
        try answer(agent, try #require(agent.checks().first), by: peer, at: .milliseconds(50))
        try answer(agent, try #require(agent.checks().first), by: peer, at: .milliseconds(100))
        #expect(agent.selectedPath?.transport == .tcp)
        agent.change {
            $0.addLocalCandidate(ICECandidate(host: ScriptedPeer.agentHost), now: .start + .milliseconds(200))
            $0.addRemoteCandidate(ICECandidate(host: ScriptedPeer.host), now: .start + .milliseconds(200))
        }
        let check = try #require(agent.checks().first { $0.path.transport == .udp })
        agent.take(try peer.answer(check), at: .milliseconds(250))
        let nomination = try #require(agent.checks().first { $0.path.transport == .udp })
        #expect(try STUNMessage(parsing: nomination.bytes).nominates)
        agent.take(try peer.answer(nomination), at: .milliseconds(300))
        #expect(agent.selectedPath?.transport == .udp && agent.state == .connected)
    }

    @Test("Whoever is dialled takes the connection for its passive candidate")
    func acceptsConnections() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer, candidates: [])
        let listening = ScriptedPeer.agentHost.with(port: 7881)
        agent.change {
            $0.addLocalCandidate(ICECandidate(activeTCP: ScriptedPeer.agentHost), now: .start)
            $0.addLocalCandidate(ICECandidate(host: listening, transport: .tcp, tcpType: .passive), now: .start)
        }
        let check = peer.check([.useCandidate])
        let client = ICECall.address("203.0.113.9", 51_234)
        agent.take(check, from: client, at: .zero, over: .tcp)
        let sent = agent.allTransmits()
        #expect(sent.count == 2)
        #expect(sent.allSatisfy { $0.path == ICEPath(local: listening, remote: client, transport: .tcp) })
        try answer(agent, try #require(sent.last), by: peer, at: .milliseconds(20))
        #expect(agent.state == .connected)
        #expect(agent.isValid(remote: client, local: listening, transport: .tcp))
        #expect(!agent.isValid(remote: client, local: listening, transport: .udp))
    }
}
