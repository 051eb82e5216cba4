import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: the ways that a client's media may go")
struct CandidatePreferenceTests {
    private static func simulate(_ candidates: Livekit_CandidateProtocol) -> Livekit_SignalRequest.OneOf_Message {
        var request = Livekit_SimulateScenario()
        request.switchCandidateProtocol = candidates
        return .simulate(request)
    }

    private static func join(_ room: RoomHarness, _ sid: ParticipantSID) -> Livekit_JoinResponse? {
        for case .join(let join) in room.signals(to: sid) { return join }
        return nil
    }

    private static func allowed(_ room: RoomHarness, _ sid: ParticipantSID) -> [Bool] {
        room.media.compactMap { command in
            switch command {
            case .allowUDP(sid, let isAllowed): isAllowed
            case .addParticipant(sid, let options): options.allowsUDP
            default: nil
            }
        }
    }

    @Test("TCP alone from the next offer on, in the next session too, and everything again")
    func overTCP() throws {
        var room = RoomHarness()
        let first = try room.join("alice")
        room.send(Self.simulate(.tcp), from: first)
        let restarts = room.media.filter { if case .restartICE(first) = $0 { true } else { false } }
        #expect(Self.allowed(room, first) == [true, false] && restarts.count == 1)
        let second = try room.join("alice")
        #expect(Self.allowed(room, second) == [false])
        let join = Self.join(room, second)
        #expect(join?.fastPublish == false && join?.clientConfiguration.forceRelay != .enabled)
        room.send(Self.simulate(.udp), from: second)
        #expect(Self.allowed(room, second) == [false, true])
        let third = try room.join("alice")
        #expect(Self.allowed(room, third) == [true] && Self.join(room, third)?.fastPublish == true)
    }

    @Test("TLS means a relay, which the client is told when it comes back")
    func overTLS() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(alice)
        #expect(Self.join(room, alice)?.hasClientConfiguration == false)
        room.send(Self.simulate(.tls), from: alice)
        #expect(Self.allowed(room, alice) == [true, true])
        room.forget()
        try room.resume("alice", alice)
        guard case .reconnect(let response) = room.signals(to: alice).first else {
            Issue.record("no answer to the resume")
            return
        }
        #expect(response.clientConfiguration.forceRelay == .enabled)
        let again = try room.join("alice")
        #expect(Self.join(room, again)?.clientConfiguration.forceRelay == .enabled)
        try room.resume("bob", bob)
        #expect(
            room.signals(to: bob).contains {
                if case .reconnect(let it) = $0 { !it.hasClientConfiguration } else { false }
            })
    }

    @Test("After five minutes everything is tried again")
    func isForgotten() throws {
        var preferences = CandidatePreferences()
        preferences.set(.tcp, of: "alice", now: .start)
        #expect(preferences.preference(of: "alice", now: .start + .seconds(299)) == .tcp)
        #expect(preferences.preference(of: "alice", now: .start + .seconds(300)) == .any)
        for index in 0..<5000 { preferences.set(.tls, of: "p\(index)", now: .start + .seconds(1)) }
        let remembered = (0..<5000).filter { preferences.preference(of: "p\($0)", now: .start + .seconds(2)) == .tls }
        #expect(remembered.count == RoomBounds.candidatePreferences - 1)
        preferences.set(.tls, of: "late", now: .start + .seconds(301))
        #expect(preferences.preference(of: "late", now: .start + .seconds(302)) == .tls)
    }
}
