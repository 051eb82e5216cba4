import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("ICEAgent byte for byte, RFC 8445 §7")
struct ICEWireTests {
    @Test("A check carries what RFC 8445 §7.1 asks for")
    func writesChecks() throws {
        let agent = ScriptedPeer.agent(.controlling, peer: ScriptedPeer(), tieBreaker: 0x0102_0304_0506_0708)
        let check = try #require(agent.nextTransmit())
        #expect(check.path == ICEPath(local: ScriptedPeer.agentHost, remote: ScriptedPeer.host, transport: .udp))
        #expect(check.bytes[0..<2] == [0x00, 0x01])
        #expect(check.bytes[4..<8] == [0x21, 0x12, 0xA4, 0x42])
        // USERNAME peerUfrag:agentUfrag, twenty bytes.
        #expect(check.bytes[20..<24] == [0x00, 0x06, 0x00, 0x14])
        #expect(Array(check.bytes[24..<44]) == Array("peerUfrag:agentUfrag".utf8))
        // ICE-CONTROLLING with the tie-breaker.
        #expect(check.bytes[44..<56] == [0x80, 0x2A, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8])
        // PRIORITY of a peer-reflexive candidate: 110 << 24 | 65535 << 8 | 255.
        #expect(check.bytes[56..<64] == [0x00, 0x24, 0x00, 0x04, 0x6E, 0xFF, 0xFF, 0xFF])
        // MESSAGE-INTEGRITY, then FINGERPRINT, and nothing behind it.
        #expect(check.bytes[64..<68] == [0x00, 0x08, 0x00, 0x14])
        #expect(check.bytes[88..<92] == [0x80, 0x28, 0x00, 0x04])
        #expect(check.bytes.count == 96)
        #expect(try STUNMessage(parsing: check.bytes).isAuthentic(key: STUNKey(password: "peerPasswordOf24Letters!")))
    }

    @Test("Both control: the larger tie-breaker refuses with 487, the smaller one changes its role")
    func refusesControllers() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlling, peer: peer, tieBreaker: 100)
        _ = agent.allTransmits()
        agent.take(peer.check([], role: .controlling, tieBreaker: 100), at: .milliseconds(1))
        let refusal = try #require(agent.responses().first)
        // Binding error response, ERROR-CODE 487.
        #expect(refusal.bytes[0..<2] == [0x01, 0x11])
        #expect(refusal.bytes[20..<22] == [0x00, 0x09])
        #expect(refusal.bytes[24..<28] == [0x00, 0x00, 4, 87])
        #expect(try STUNMessage(parsing: refusal.bytes).isAuthentic(key: STUNKey(password: "agentPasswordOf24Letters")))
        #expect(agent.role == .controlling)

        agent.take(peer.check([], role: .controlling, tieBreaker: 101), at: .milliseconds(2))
        let answer = try #require(agent.responses().first)
        #expect(answer.bytes[0..<2] == [0x01, 0x01])
        #expect(agent.role == .controlled)
    }

    @Test("Neither controls: the larger tie-breaker changes its role, the smaller one refuses with 487")
    func refusesControlled() throws {
        var peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlled, peer: peer, tieBreaker: 100)
        _ = agent.allTransmits()
        agent.take(peer.check([], role: .controlled, tieBreaker: 101), at: .milliseconds(1))
        let refusal = try #require(agent.responses().first)
        #expect(refusal.bytes[0..<2] == [0x01, 0x11])
        #expect(refusal.bytes[24..<28] == [0x00, 0x00, 4, 87])
        #expect(agent.role == .controlled)
        agent.take(peer.check([], role: .controlled, tieBreaker: 100), at: .milliseconds(2))
        let answer = try #require(agent.responses().first)
        #expect(answer.bytes[0..<2] == [0x01, 0x01])
        #expect(agent.role == .controlling)
    }

    @Test("A 487 makes the agent change its role, its tie-breaker and ask again")
    func obeysRefusal() throws {
        for role in [ICERole.controlling, .controlled] {
            let peer = ScriptedPeer()
            let agent = ScriptedPeer.agent(role, peer: peer, tieBreaker: 100)
            let first = try #require(agent.nextTransmit())
            agent.take(try peer.refusal(first, .roleConflict), at: .milliseconds(10))
            #expect(agent.role == role.opposite)
            agent.handleTimeout(at: .milliseconds(200))
            let second = try #require(agent.nextTransmit())
            let (before, after) = (try STUNMessage(parsing: first.bytes), try STUNMessage(parsing: second.bytes))
            #expect(before.transactionID != after.transactionID)
            let claims = after.attributes.filter { $0.typeCode == 0x8029 || $0.typeCode == 0x802A }
            #expect(claims.count == 1)
            #expect(claims.first?.typeCode == (role == .controlling ? 0x8029 : 0x802A))
            #expect(claims != [.iceControlled(100)] && claims != [.iceControlling(100)])
        }
    }

    @Test("A 487 for a stranger's transaction, or under a wrong key, changes nothing")
    func ignoresForgedRefusals() throws {
        let peer = ScriptedPeer()
        let agent = ScriptedPeer.agent(.controlling, peer: peer)
        let check = try #require(agent.nextTransmit())
        let id = try STUNMessage(parsing: check.bytes).transactionID
        let forged = STUNMessage(
            class: .error, method: .binding, transactionID: id, attributes: [.errorCode(.roleConflict)])
        agent.take(forged.encoded(key: STUNKey(password: "a guess of the password")), at: .milliseconds(1))
        agent.take(forged.encoded(), at: .milliseconds(2))
        agent.take(try peer.refusal(check, .roleConflict), from: ScriptedPeer.otherHost, at: .milliseconds(3))
        #expect(agent.role == .controlling)
        let refused = agent.statistics.unauthenticated + agent.statistics.unexpectedResponses
        #expect(refused == 3)
    }

    @Test("A check is repeated fast at first and slowly later")
    func spacesRetransmissions() throws {
        let agent = ScriptedPeer.agent(.controlling, peer: ScriptedPeer())
        var times: [Int64] = []
        var copies: Set<[UInt8]> = []
        var now = MediaInstant.start
        while now < .start + .seconds(15), agent.state == .checking {
            for transmit in agent.allTransmits() {
                times.append((now - .start).milliseconds)
                copies.insert(transmit.bytes)
            }
            now = max(now, try #require(agent.deadline))
            agent.handleTimeout(at: now - .start)
        }
        #expect(copies.count == times.count)
        let ids = try copies.map { try STUNMessage(parsing: $0).transactionID }
        #expect(Set(ids.map { $0.low >> 8 }).count == 1 && Set(ids).count == times.count)
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps.prefix(4).allSatisfy { $0 == 60 })
        #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(gaps.last == 500)
        #expect((30...50).contains(times.count))
    }
}
