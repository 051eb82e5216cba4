import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitServerKit

/// A room, and one participant of it whose subscriber connection is a real one over a simulated network: what the engine
/// tells of it the room hears.
private struct ConnectedParticipant {
    let call: SimulatedCall
    var room: RoomHarness
    let sid: ParticipantSID
    private var told = 0
    private static let step = MediaDuration.milliseconds(250)

    init(seed: UInt64) throws {
        var rules = RoomRules()
        rules.fallback.hasTLS = true
        room = RoomHarness(rules: rules)
        sid = try room.join("alice")
        call = try SimulatedCall(SimulatedCall.Configuration(seed: seed))
        try #require(try call.join() != nil)
        tell()
    }

    /// Lets time pass on both sides of the seam. A client that is `heard` pings.
    mutating func run(
        for duration: MediaDuration, heard: Bool = true, until condition: (RoomHarness) -> Bool = { _ in false }
    ) {
        let end = room.now + duration
        while room.now < end, !condition(room) {
            call.run(for: Self.step)
            tell()
            room.pass(Self.step)
            let (sid, now) = (sid, room.now)
            if heard { room.change { state, _ in state.heard(sid, now: now) } }
        }
    }

    private mutating func tell() {
        for change in call.left.states.dropFirst(told) {
            guard let state = PeerConnectionState(change.state) else { continue }
            room.report(.connectionState(sid, .subscriber, state))
        }
        told = call.left.states.count
    }

    /// The server's offer of another path, which nobody answers.
    func offerRestart() throws {
        try call.onSimulatedTime {
            call.left.connection.restartICE()
            _ = try call.left.connection.createOffer(now: call.now)
        }
        call.left.touch()
    }
}

@Suite("Room: what real connections tell of restarts")
struct RoomConnectionTests {
    @Test("Somebody who comes back for another path and is never heard of again is gone, and the room with it")
    func vanishes() throws {
        for isOffered in [true, false] {
            var alice = try ConnectedParticipant(seed: 1)
            #expect(alice.room.state.participants[alice.sid]?.state == .active)
            alice.call.simulation.network.addOutage(of: alice.call.right.host, from: alice.call.now, for: .seconds(600))
            let sid = alice.sid
            alice.run(for: .seconds(30)) { $0.leave(to: sid) != nil }
            #expect(alice.room.leave(to: sid)?.action == .resume)
            try alice.room.resume("alice", sid)
            if isOffered { try alice.offerRestart() }
            alice.room.change { $0.signalLost(sid, now: $1) }
            alice.run(for: .seconds(4), heard: false)
            #expect(alice.room.state.order == [sid], "it may come back again")
            alice.run(for: .seconds(20), heard: false)
            #expect(alice.room.state.order.isEmpty)
            alice.run(for: .seconds(30), heard: false)
            #expect(alice.room.state.isClosed)
        }
    }

    @Test("A restart that stands is no failure of TCP, though the connection before it stood as well")
    func restartStands() throws {
        var alice = try ConnectedParticipant(seed: 2)
        alice.run(for: .seconds(10))
        // Its client saw the failure, and the server has not.
        try alice.room.resume("alice", alice.sid, reason: .rrSubscriberFailed)
        try alice.call.restartICE(roundTrip: .milliseconds(50))
        alice.run(for: .seconds(15))
        #expect(alice.room.state.candidatePreferences.preference(of: "alice", now: alice.room.now) == .tcp)
        #expect(alice.room.leave(to: alice.sid) == nil)
    }
}
