import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// Two whole peers that only relays bring together, each with a TURN server of its own, on simulated time.
@Suite("Simulated calls through relays, RFC 8656")
struct SimulatedRelayTests {
    private func call(
        seed: UInt64, _ change: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws -> SimulatedCall {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.leftNAT = .symmetric
        configuration.rightNAT = .symmetric
        configuration.usesRelays = true
        configuration.flows = [.video(bitrate: 300_000), .audio]
        change(&configuration)
        return try SimulatedCall(configuration)
    }

    private func missing(_ call: SimulatedCall, sparing newest: Int = 30) -> Int {
        func count(_ sender: SimulatedPeer, _ receiver: SimulatedPeer) -> Int {
            sender.flows.reduce(0) {
                $0 + receiver.reception(of: $1).missing(in: 0..<max($1.sentCount - newest, 0))
            }
        }
        return count(call.left, call.right) + count(call.right, call.left)
    }

    private func isRelayed(_ peer: SimulatedPeer) -> Bool {
        guard case .relay? = peer.connection.agent.selectedPath?.transport else { return false }
        return true
    }

    @Test("Two peers behind symmetric NATs have no way without a relay, and one with it", arguments: 1...10)
    func joinsByRelayAlone(seed: Int) throws {
        let without = try call(seed: UInt64(seed)) { $0.usesRelays = false }
        #expect(try without.join(within: .seconds(20)) == nil)
        let with = try call(seed: UInt64(seed))
        let time = try #require(try with.join(within: .seconds(20)), "\(with.trace)")
        #expect(time < .seconds(3), "\(time)")
        #expect(isRelayed(with.left) || isRelayed(with.right))
        with.startMedia()
        with.run(for: .seconds(5))
        #expect(missing(with) == 0)
        #expect(with.right.longestSilence(now: with.now) < .milliseconds(100))
    }

    @Test("Under loss on the way to the relays they join, and repair brings everything", arguments: 1...6)
    func joinsUnderLoss(seed: Int) throws {
        let call = try call(seed: UInt64(seed)) { $0.conditions.loss = .random(0.1) }
        try #require(try call.join(within: .seconds(30)) != nil, "\(call.trace)")
        call.startMedia()
        call.run(for: .seconds(5))
        call.stopMedia()
        call.run(for: .seconds(2))
        let video = call.left.flows[0]
        #expect(call.right.reception(of: video).missing(in: 0..<video.sentCount) <= video.sentCount / 100)
    }

    @Test(
        "A NAT that is rebound between client and relay is noticed, and another relayed address found", arguments: 1...6
    )
    func survivesRebinding(seed: Int) throws {
        let call = try call(seed: UInt64(seed))
        try #require(try call.join(within: .seconds(20)) != nil)
        call.startMedia()
        call.run(for: .seconds(3))
        let peer = isRelayed(call.left) ? call.left : call.right
        let nat = try #require(peer === call.left ? call.leftNAT : call.rightNAT)
        let former = peer.relay?.client.relayedAddress
        call.left.watchGaps(now: call.now)
        call.right.watchGaps(now: call.now)
        call.simulation.network.rebind(nat)
        call.run(for: .seconds(20))
        #expect(peer.relay?.events.contains { $0.event == .lost(.lost) } ?? false)
        #expect(peer.relay?.client.relayedAddress != nil && peer.relay?.client.relayedAddress != former)
        #expect(peer.connection.localCandidates.count { $0.contains("typ relay") } == 1, "the former one is forgotten")
        #expect(call.left.connection.state == .connected && call.right.connection.state == .connected)
        for side in [call.left, call.right] {
            #expect(side.received.values.map(\.longestGap).max() ?? .zero < .seconds(8))
            #expect(side.received.values.allSatisfy { call.now - ($0.lastArrivalAt ?? .start) < .seconds(1) })
        }
    }

    @Test("A virtual hour: allocations, permissions and channels are renewed, and nothing is lost")
    func lastsAnHour() throws {
        let call = try call(seed: 3) { $0.flows = [] }
        try #require(try call.join(within: .seconds(20)) != nil)
        for number in 0..<360 as Range<UInt64> {
            try call.left.send([UInt8(truncatingIfNeeded: number)], on: "_reliable", now: call.now)
            try call.right.send([UInt8(truncatingIfNeeded: number)], on: "_reliable", now: call.now)
            call.run(for: .seconds(10))
        }
        #expect(call.left.messages.count == 360 && call.right.messages.count == 360)
        #expect(call.left.states.map(\.state) == [.connecting, .connected])
        for (server, peer) in zip(call.turnServers, [call.left, call.right]) where isRelayed(peer) {
            // An allocation lives ten minutes, a permission five: each is asked for a minute before its end.
            #expect((6...12).contains(server.requests[.refresh] ?? 0), "\(server.requests)")
            let permissions = server.requests[.channelBind, default: 0] + server.requests[.createPermission, default: 0]
            #expect((14...45).contains(permissions), "\(server.requests)")
            #expect(server.server.allocationCount == 1)
            #expect(peer.relay?.events.contains { if case .lost = $0.event { true } else { false } } == false)
        }
    }

    @Test("At the end allocations are given back")
    func givesBack() throws {
        let call = try call(seed: 5)
        try #require(try call.join(within: .seconds(20)) != nil)
        for peer in [call.left, call.right] { peer.relay?.close(now: call.now) }
        call.run(for: .seconds(2))
        #expect(call.turnServers.allSatisfy { $0.server.allocationCount == 0 })
        #expect(call.left.relay?.events.last?.event == .closed)
    }
}
