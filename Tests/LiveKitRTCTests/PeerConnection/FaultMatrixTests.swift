import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// What networks do to calls, fault by fault. Loss, rebinding, restarts and short outages are ``SimulatedCallTests``.
@Suite("Faults of the network")
struct FaultMatrixTests {
    private func joined(
        seed: UInt64, flows: [MediaFlow.Shape] = [.video(bitrate: 300_000), .audio],
        _ change: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws -> SimulatedCall {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = flows
        change(&configuration)
        let call = try SimulatedCall(configuration)
        try #require(try call.join() != nil, "seed \(seed) did not join\n\(call.trace)")
        return call
    }

    /// Both sides' flows with what the other side has of them.
    private func receptions(_ call: SimulatedCall) -> [(flow: MediaFlow, reception: ReceivedFlow)] {
        call.left.flows.map { ($0, call.right.reception(of: $0)) }
            + call.right.flows.map { ($0, call.left.reception(of: $0)) }
    }

    @Test(
        "Reordering by up to a hundred packets, duplication and jitter: everything comes, once, and nothing fails",
        arguments: 1...5 as ClosedRange<UInt64>)
    func disorder(seed: UInt64) throws {
        let call = try joined(seed: seed, flows: [.video(bitrate: 2_000_000), .audio])
        call.startMedia()
        call.run(for: .seconds(1))
        // At 250 packets each second 400 ms are a hundred packets.
        for (reorder, milliseconds) in [(0.2, 4), (0.1, 100), (0.05, 400)] {
            call.setConditions(
                LinkConditions(
                    jitter: .milliseconds(200), duplication: 0.2, reorder: reorder,
                    reorderDelay: .milliseconds(Int64(milliseconds))))
            call.run(for: .seconds(4))
        }
        call.setConditions(.ideal)
        call.run(for: .seconds(2))
        for (flow, reception) in receptions(call) {
            #expect(reception.missing(in: 0..<flow.sentCount - 60) == 0, "seed \(seed)")
        }
        #expect(call.right.states.map(\.state) == [.connecting, .connected])
    }

    @Test("A fifth of everything lost both ways for ten minutes: connected throughout, and little is missing")
    func lastingLoss() throws {
        let call = try joined(seed: 2, flows: [.audio]) { $0.traceCapacity = 0 }
        call.startMedia()
        call.setConditions(LinkConditions(loss: .random(0.2)))
        call.run(for: .seconds(600))
        #expect(call.left.states.map(\.state) == [.connecting, .connected])
        #expect(call.right.states.map(\.state) == [.connecting, .connected])
        for (flow, reception) in receptions(call) {
            #expect(flow.sentCount > 29_000)
            // Each packet is asked for until it is there; what is left over is for the decoder to conceal.
            #expect(reception.missing(in: 0..<flow.sentCount - 60) * 100 < flow.sentCount * 3)
        }
    }

    @Test(
        "Half of everything lost for half a minute: media is whole again within five seconds of its end",
        arguments: 1...4)
    func heavyLossEnds(seed: UInt64) throws {
        let call = try joined(seed: seed)
        call.startMedia()
        call.setConditions(LinkConditions(loss: .random(0.5)))
        call.run(for: .seconds(30))
        call.setConditions(.ideal)
        call.run(for: .seconds(5))
        let sent = receptions(call).map(\.flow.sentCount)
        call.run(for: .seconds(2))
        for ((flow, reception), start) in zip(receptions(call), sent) {
            #expect(reception.missing(in: start..<flow.sentCount - 30) == 0, "seed \(seed)")
        }
        #expect(call.left.states.last?.state == .connected)
        #expect(call.right.states.last?.state == .connected)
    }

    @Test(
        "Loss one way only, up to everything for eight seconds, stops the other way for no longer",
        arguments: [true, false])
    func oneWayLoss(fromLeft: Bool) throws {
        let call = try joined(seed: 5)
        call.startMedia()
        call.run(for: .seconds(2))
        let host = fromLeft ? call.left.host : call.right.host
        let uplink = call.simulation.network.uplink(of: host)
        call.simulation.network.addOutage(of: uplink, from: call.now, for: .seconds(8))
        call.run(for: .seconds(8))
        call.left.watchGaps(now: call.now)
        call.right.watchGaps(now: call.now)
        call.run(for: .seconds(4))
        #expect(call.left.longestSilence(now: call.now) < .seconds(1))
        #expect(call.right.longestSilence(now: call.now) < .seconds(1))
        #expect(call.left.states.last?.state == .connected)
        #expect(call.right.states.last?.state == .connected)
    }

    @Test("Twenty seconds without a network: an ICE restart brings the same connection back", arguments: 1...3)
    func longOutage(seed: UInt64) throws {
        let call = try joined(seed: seed)
        call.startMedia()
        call.run(for: .seconds(2))
        call.simulation.network.addOutage(of: call.left.host, from: call.now, for: .seconds(20))
        call.run(for: .seconds(20))
        #expect(call.left.states.suffix(2).map(\.state) == [.disconnected, .failed])
        #expect(call.right.states.suffix(2).map(\.state) == [.disconnected, .failed])
        call.left.watchGaps(now: call.now)
        call.right.watchGaps(now: call.now)
        try call.restartICE(roundTrip: .milliseconds(100))
        call.run(for: .seconds(3))
        #expect(call.left.longestSilence(now: call.now) < .seconds(1))
        #expect(call.right.longestSilence(now: call.now) < .seconds(1))
        #expect(call.left.states.last?.state == .connected)
        #expect(call.right.states.last?.state == .connected)
        // The keys of the one handshake go on, and so do the data channels.
        try call.onSimulatedTime { try call.left.send([1, 2, 3], on: "_reliable", now: call.now) }
        call.left.touch()
        call.run(for: .seconds(2)) { !call.right.messages.isEmpty }
        #expect(call.right.messages.map(\.bytes) == [[1, 2, 3]])
    }

    @Test("A minute without a network: both sides say that they failed, once, and then keep silent")
    func endlessOutage() throws {
        let call = try joined(seed: 6)
        call.startMedia()
        call.run(for: .seconds(2))
        call.simulation.network.addOutage(of: call.left.host, from: call.now, for: .seconds(60))
        call.run(for: .seconds(16))
        let sent = call.trace.count(.sent)
        call.run(for: .seconds(44))
        for peer in [call.left, call.right] {
            #expect(peer.states.map(\.state) == [.connecting, .connected, .disconnected, .failed])
        }
        // Without a path there is nowhere to send media to.
        #expect(call.trace.count(.sent) - sent < 100)
    }

    @Test("A path that carries 1200 bytes of UDP and no more is enough for joins and data, without a fragment")
    func leastMTU() throws {
        var configuration = SimulatedCall.Configuration(seed: 7)
        configuration.conditions.mtu = 1228
        let call = try SimulatedCall(configuration)
        try #require(try call.join() != nil)
        try call.onSimulatedTime {
            try call.left.send([UInt8](repeating: 7, count: 100_000), on: "_reliable", now: call.now)
        }
        call.left.touch()
        call.run(for: .seconds(10)) { !call.right.messages.isEmpty }
        #expect(call.right.messages.first?.bytes.count == 100_000)
        #expect(call.trace.count(.tooLarge) == 0)
        #expect(call.trace.fragments == 0)
        #expect((1190...1200).contains(call.trace.largestPayload))
    }
}
