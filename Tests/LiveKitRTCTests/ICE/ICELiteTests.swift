import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("ICEAgent as a lite one, RFC 8445 §2.5 and RFC 7675 §4")
struct ICELiteTests {
    private static let lite: ICEConfiguration = {
        var configuration = ICEConfiguration()
        configuration.isLite = true
        return configuration
    }()

    @Test("It asks nothing, answers everything and takes the last nomination")
    func answers() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlling, peer: peer, configuration: Self.lite)
        #expect(agent.role == .controlled)
        #expect(agent.allTransmits().isEmpty)
        agent.take(peer.check([]), at: .milliseconds(10))
        #expect(agent.allTransmits().count == 1)
        #expect(agent.state == .checking)
        agent.take(peer.check([.useCandidate]), at: .milliseconds(20))
        #expect(agent.state == .connected && agent.selectedPath?.remote == ScriptedPeer.host)
        agent.take(peer.check([.useCandidate]), from: ScriptedPeer.otherHost, at: .milliseconds(30))
        #expect(agent.selectedPath?.remote == ScriptedPeer.otherHost)
        #expect(agent.statistics.checksSent == 0)
    }

    @Test("The peer's checks are its consent: without them disconnected after ten seconds, failed after fifteen")
    func losesConsent() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer, configuration: Self.lite)
        agent.take(peer.check([.useCandidate]), at: .zero)
        agent.take(peer.check([]), at: .seconds(3))
        #expect(agent.deadline == .start + .seconds(13))
        agent.handleTimeout(at: .milliseconds(12_999))
        #expect(agent.state == .connected)
        agent.handleTimeout(at: .seconds(13))
        #expect(agent.state == .disconnected)
        agent.take(peer.check([]), at: .seconds(14))
        #expect(agent.state == .connected)
        agent.handleTimeout(at: .seconds(24))
        #expect(agent.state == .disconnected)
        agent.handleTimeout(at: .seconds(29))
        #expect(agent.state == .failed && agent.selectedPath == nil && agent.deadline == nil)
    }

    @Test("A stranger's checks are not its consent")
    func ignoresStrangers() {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer, configuration: Self.lite)
        agent.take(peer.check([.useCandidate]), at: .zero)
        var forged = peer.check([])
        forged[70] ^= 1
        agent.take(forged, at: .seconds(9))
        agent.take(peer.check([]), from: ScriptedPeer.otherHost, at: .seconds(9))
        agent.handleTimeout(at: .seconds(10))
        #expect(agent.state == .disconnected)
    }

    @Test("A lite agent restarts: the old pair goes on until the new generation nominates")
    func restarts() {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer, configuration: Self.lite)
        agent.take(peer.check([.useCandidate]), at: .zero)
        agent.change {
            $0.restart(
                local: ICECredentials(ufrag: "nextUfrag", password: "nextPasswordOf24Letters!"),
                now: .start + .seconds(1))
        }
        #expect(agent.selectedPath?.remote == ScriptedPeer.host)
        #expect(agent.localUfrags == ["nextUfrag", "agentUfrag"])
        agent.take(peer.check([]), at: .seconds(8))
        agent.handleTimeout(at: .seconds(15))
        #expect(agent.state == .checking)
        agent.take(peer.check([]), at: .seconds(17))
        #expect(agent.state == .connected)
        #expect(agent.responses().count == 3)
    }
}
