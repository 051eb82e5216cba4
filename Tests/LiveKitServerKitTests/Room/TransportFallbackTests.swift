import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: clients whose connections do not hold go another way")
struct TransportFallbackTests {
    private static func rules(_ change: (inout TransportFallback.Rules) -> Void = { _ in }) -> RoomRules {
        var rules = RoomRules()
        rules.fallback.hasTLS = true
        change(&rules.fallback)
        return rules
    }

    private static func way(_ room: RoomHarness, _ identity: String) -> CandidatePreference {
        room.state.candidatePreferences.preference(of: identity, now: room.now)
    }

    /// Lets time pass while the client pings.
    private static func pass(_ seconds: Int, _ room: inout RoomHarness, heard sid: ParticipantSID) {
        for _ in 0..<seconds {
            room.pass(.seconds(1))
            let now = room.now
            room.change { state, _ in state.heard(sid, now: now) }
        }
    }

    /// Joins, connects, and has the subscriber connection fail after some seconds.
    private static func fail(
        _ room: inout RoomHarness, _ identity: String, after seconds: Int, heard: Bool = true,
        _ change: (inout JoinIntent) -> Void = { _ in }
    ) throws -> ParticipantSID {
        let sid = try room.join(identity, change)
        room.activate(sid)
        if heard { pass(seconds, &room, heard: sid) } else { room.pass(.seconds(Int64(seconds))) }
        room.forget()
        room.report(.connectionState(sid, .subscriber, .failed))
        return sid
    }

    @Test("A connection that does not hold goes another way next time")
    func shortConnection() throws {
        var room = RoomHarness(rules: Self.rules())
        let alice = try Self.fail(&room, "alice", after: 30)
        #expect(Self.way(room, "alice") == .tcp && room.leave(to: alice)?.action == .resume)
        #expect(room.media.contains { if case .allowUDP(alice, false) = $0 { true } else { false } })
        // Both connections fail as a rule; that is one reason, not two.
        room.report(.connectionState(alice, .publisher, .failed))
        #expect(Self.way(room, "alice") == .tcp)
        try room.resume("alice", alice)
        room.report(.connectionState(alice, .subscriber, .connected))
        Self.pass(20, &room, heard: alice)
        room.forget()
        room.report(.connectionState(alice, .subscriber, .failed))
        #expect(Self.way(room, "alice") == .tls)
        #expect(room.media.contains { if case .allowUDP(alice, true) = $0 { true } else { false } })
        try room.resume("alice", alice)
        guard
            case .reconnect(let response) = room.signals(to: alice).first(where: { message in
                if case .reconnect = message { true } else { false }
            })
        else {
            Issue.record("no answer to the resume")
            return
        }
        #expect(response.clientConfiguration.forceRelay == .enabled)
        room.report(.connectionState(alice, .subscriber, .failed))
        #expect(Self.way(room, "alice") == .tls, "there is nothing beyond")
    }

    @Test("One that held fails twice in a minute before it is given up")
    func longConnection() throws {
        var room = RoomHarness(rules: Self.rules())
        let alice = try Self.fail(&room, "alice", after: 120)
        #expect(Self.way(room, "alice") == .any)
        room.report(.connectionState(alice, .publisher, .failed))
        #expect(Self.way(room, "alice") == .tcp)
        var other = RoomHarness(rules: Self.rules())
        let bob = try Self.fail(&other, "bob", after: 120)
        try other.resume("bob", bob)
        other.report(.connectionState(bob, .subscriber, .connected))
        Self.pass(61, &other, heard: bob)
        other.report(.connectionState(bob, .subscriber, .failed))
        #expect(Self.way(other, "bob") == .any)
    }

    @Test("Where signalling was gone as well it is the network, and not the way")
    func networkGone() throws {
        var room = RoomHarness(rules: Self.rules())
        _ = try Self.fail(&room, "alice", after: 20, heard: false)
        let bob = try room.join("bob")
        room.activate(bob)
        room.change { state, now in state.signalLost(bob, now: now) }
        room.report(.connectionState(bob, .subscriber, .failed))
        #expect(Self.way(room, "alice") == .any && Self.way(room, "bob") == .any)
    }

    @Test("What clients and operators cannot have is left out")
    func exceptions() throws {
        var room = RoomHarness(rules: Self.rules())
        _ = try Self.fail(&room, "go", after: 10) { $0.client.sdk = .go }
        #expect(Self.way(room, "go") == .tls)
        room = RoomHarness(rules: Self.rules { $0.isAllowed = false })
        _ = try Self.fail(&room, "alice", after: 10)
        #expect(Self.way(room, "alice") == .any)
        room = RoomHarness(rules: Self.rules { $0.hasTLS = false })
        _ = try Self.fail(&room, "go", after: 10) { $0.client.sdk = .go }
        #expect(Self.way(room, "go") == .any)
        room = RoomHarness(rules: Self.rules { $0.slowest = .milliseconds(200) })
        for (identity, roundTrip, expected) in [("quick", Int64(199), CandidatePreference.tcp), ("slow", 200, .tls)] {
            let sid = try room.join(identity)
            room.activate(sid)
            room.change { state, now in state.heard(sid, roundTrip: .milliseconds(roundTrip), now: now) }
            room.report(.connectionState(sid, .subscriber, .failed))
            #expect(Self.way(room, identity) == expected)
        }
    }

    @Test("A client that comes back and says that a young connection failed goes another way too")
    func reconnectReason() throws {
        for (reason, expected) in [
            (Livekit_ReconnectReason.rrSubscriberFailed, CandidatePreference.tcp), (.rrPublisherFailed, .any),
            (.rrSignalDisconnected, .any), (.rrUnknown, .any),
        ] {
            var room = RoomHarness(rules: Self.rules())
            let alice = try room.join("alice")
            room.activate(alice)
            Self.pass(10, &room, heard: alice)
            room.forget()
            try room.resume("alice", alice, reason: reason)
            #expect(Self.way(room, "alice") == expected, "\(reason)")
            let order = room.media.compactMap { command -> String? in
                switch command {
                case .allowUDP: "way"
                case .restartICE: "restart"
                default: nil
                }
            }
            #expect(order == (expected == .tcp ? ["way", "restart"] : ["restart"]))
        }
    }

    @Test("Whoever comes back because a connection failed has its time for TCP from then on")
    func patienceAfterResuming() throws {
        for stands in [true, false] {
            var room = RoomHarness(rules: Self.rules())
            let alice = try room.join("alice")
            room.activate(alice)
            Self.pass(10, &room, heard: alice)
            try room.resume("alice", alice, reason: .rrSubscriberFailed)
            room.report(.connectionState(alice, .subscriber, .connecting))
            Self.pass(4, &room, heard: alice)
            #expect(Self.way(room, "alice") == .tcp)
            if stands { room.report(.connectionState(alice, .subscriber, .connected)) }
            Self.pass(10, &room, heard: alice)
            #expect(Self.way(room, "alice") == (stands ? .tcp : .tls), "where nothing connected by TCP either")
        }
    }

    @Test(
        "ICE over TCP has eight round trips of signalling, from five seconds to twelve",
        arguments: [(Int64(0), Int64(5000)), (500, 5000), (900, 7200), (999, 7992), (1000, nil), (5000, nil)])
    func patience(_ roundTrip: Int64, _ expected: Int64?) throws {
        var fallback = TransportFallback()
        fallback.roundTrip = .milliseconds(roundTrip)
        #expect(fallback.patienceWithTCP == expected.map { .milliseconds($0) })

        var room = RoomHarness(rules: Self.rules())
        let first = try Self.fail(&room, "alice", after: 10)
        #expect(Self.way(room, "alice") == .tcp && room.state.participants[first] != nil)
        let second = try room.join("alice")
        room.change { state, now in state.heard(second, roundTrip: .milliseconds(roundTrip), now: now) }
        room.pass(.milliseconds((expected ?? 12_000) - 250))
        #expect(Self.way(room, "alice") == .tcp && room.leave(to: second) == nil)
        room.pass(.milliseconds(500))
        #expect(Self.way(room, "alice") == (expected == nil ? .tcp : .tls))
        #expect(room.leave(to: second)?.action == (expected == nil ? nil : .resume))
    }
}
