import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("Candidates with names, RFC 8839 and mDNS")
struct ICERemoteNameTests {
    private static let text =
        "candidate:1 1 udp 2122260223 3A1B2c3d-0000-4000-8000-1234567890ab.local 5353 typ host generation 0"

    private func agent(resolves: Bool) -> ScriptedAgent {
        var configuration = ICEConfiguration()
        configuration.resolvesNames = resolves
        return ScriptedPeer.agent(.controlling, peer: ScriptedPeer(), candidates: [], configuration: configuration)
    }

    @Test("Names are read, and what is none is not")
    func parses() throws {
        #expect(ICERemoteName(parsing: Self.text)?.name == "3a1b2c3d-0000-4000-8000-1234567890ab.local")
        for host in [
            "192.0.2.1", "2001:db8::1", "-a.local", "a..local", "", "1.2.3", String(repeating: "a", count: 64),
        ] {
            #expect(ICERemoteName(parsing: "candidate:1 1 udp 1 \(host) 5353 typ host") == nil, "\(host)")
        }
        #expect(ICERemoteName(parsing: "candidate:1 1 udp 1 a.local") == nil)
    }

    @Test("A server ignores them")
    func ignores() throws {
        let agent = agent(resolves: false)
        let name = try #require(ICERemoteName(parsing: Self.text))
        agent.change { $0.addRemoteCandidate(name, now: .start) }
        #expect(!agent.allEvents().contains { if case .resolve = $0 { true } else { false } })
        #expect(agent.statistics.ignoredCandidates == 1)
    }

    @Test("By choice they are resolved, once, and become candidates")
    func resolves() throws {
        let agent = agent(resolves: true)
        let name = try #require(ICERemoteName(parsing: Self.text))
        agent.change { $0.addRemoteCandidate(name, now: .start) }
        agent.change { $0.addRemoteCandidate(name, now: .start) }
        #expect(agent.allEvents().filter { $0 == .resolve(name.name) }.count == 1)
        #expect(agent.checks().isEmpty)
        agent.change { $0.addResolved(name.name, addresses: [ICECall.address("127.0.0.1", 1)], now: .start) }
        #expect(agent.checks().isEmpty)
        agent.change { $0.addRemoteCandidate(name, now: .start) }
        agent.change { $0.addResolved(name.name, addresses: [ScriptedPeer.host.with(port: 1)], now: .start) }
        #expect(agent.checks().first?.path.remote == ScriptedPeer.host.with(port: 5353))
        agent.change { $0.addResolved("other.local", addresses: [ScriptedPeer.otherHost], now: .start) }
        #expect(agent.checks().isEmpty)
    }

    @Test("Unresolved names are bounded")
    func bounds() throws {
        let agent = agent(resolves: true)
        for number in 0..<100 {
            let text = "candidate:1 1 udp 1 host\(number).local 5353 typ host"
            let name = try #require(ICERemoteName(parsing: text))
            agent.change { $0.addRemoteCandidate(name, now: .start) }
        }
        #expect(agent.unresolvedCount == 16)
        #expect(agent.statistics.ignoredCandidates == 84)
    }
}
