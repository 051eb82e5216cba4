import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// Calls under attack, by strangers and by the peer itself.
@Suite("Calls under attack")
struct HostileCallTests {
    /// A ClientHello that offers TLS_NULL_WITH_NULL_NULL alone, as in the attack on the race between ICE and DTLS.
    private static let hello: [UInt8] =
        [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xFE, 0xFD]
        + [UInt8](repeating: 7, count: 32) + [0, 0, 0, 2, 0, 0, 1, 0]
    /// SRTP that no key opens, as it hung calls up elsewhere.
    private static let brokenSRTP = bytes(hex: "8000702809cd2d15fd3e5c8641")

    private func joined(
        seed: UInt64 = 1, flows: [MediaFlow.Shape] = [.video(bitrate: 300_000), .audio],
        _ change: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws -> SimulatedCall {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = flows
        change(&configuration)
        let call = try SimulatedCall(configuration)
        try #require(try call.join() != nil, "seed \(seed) did not join\n\(call.trace)")
        return call
    }

    private func addStranger(to call: SimulatedCall, _ datagrams: [[UInt8]]) -> Stranger {
        let address = TransportAddress(ipv4: 0xC633_64C8, port: 0)
        let host = call.simulation.network.addHost("stranger", addresses: [address])
        let stranger = Stranger(
            host: host, port: 4444, targets: [call.address(of: call.left), call.address(of: call.right)],
            datagrams: datagrams, now: call.now)
        call.simulation.add(stranger)
        return stranger
    }

    private func deliver(
        _ datagram: [UInt8], from source: TransportAddress, to peer: SimulatedPeer, in call: SimulatedCall
    ) {
        var datagram = datagram
        call.onSimulatedTime {
            _ = unsafe datagram.withUnsafeMutableBytes {
                unsafe peer.connection.receive($0, from: source, now: call.now)
            }
        }
        peer.touch()
    }

    /// Packets of the left's flows that the right misses, but for the newest, which may be under way.
    private func missing(_ call: SimulatedCall) -> Int {
        call.left.flows.reduce(0) {
            $0 + call.right.reception(of: $1).missing(in: 0..<max($1.sentCount - 30, 0))
        }
    }

    // MARK: Strangers

    @Test("A stranger's ClientHello, a thousand each second from before ICE on, keeps no call from connecting")
    func clientHelloRace() throws {
        for seed in 1...100 as ClosedRange<UInt64> {
            var configuration = SimulatedCall.Configuration(seed: seed)
            configuration.conditions.loss = .random(Double(seed % 3) * 0.1)
            let call = try SimulatedCall(configuration)
            let stranger = addStranger(to: call, [Self.hello])
            call.run(for: .milliseconds(50))
            let time = try call.join(within: .seconds(15))
            #expect(time != nil, "seed \(seed)\n\(call.trace)")
            #expect(stranger.receivedCount == 0)
            #expect(stranger.sentCount >= 270)
            #expect(call.left.connection.statistics.strangers >= stranger.sentCount - 1)
            #expect(call.right.connection.statistics.strangers >= stranger.sentCount - 1)
        }
    }

    @Test("Ten thousand packets that no key opens, from the right address and from a wrong one, leave media unbroken")
    func brokenPackets() throws {
        let call = try joined()
        call.startMedia()
        call.run(for: .seconds(1))
        let right = call.address(of: call.left)
        let wrong = right.with(port: 4444)
        let before = call.right.connection.statistics
        for _ in 0..<1000 {
            for _ in 0..<10 {
                deliver(Self.brokenSRTP, from: right, to: call.right, in: call)
                deliver(Self.brokenSRTP, from: wrong, to: call.right, in: call)
            }
            call.run(for: .milliseconds(2))
        }
        let after = call.right.connection.statistics
        #expect(after.refused == before.refused + 10_000)
        #expect(after.strangers == before.strangers + 10_000)
        #expect(missing(call) == 0)
        #expect(call.right.states.last?.state == .connected)
    }

    @Test("The peer's own packets from another port of its host are not taken, and nothing is sent there")
    func bleed() throws {
        let call = try joined(flows: [.audio])
        call.startMedia()
        call.run(for: .seconds(1))
        let stranger = Stranger(
            host: call.left.host, port: 4444, targets: [call.address(of: call.right)], datagrams: [], now: call.now)
        call.simulation.add(stranger)
        let home = call.address(of: call.left)
        var stolen: [[UInt8]] = []
        var passed = 0
        call.simulation.filter = { delivery in
            guard delivery.host == call.right.host, delivery.source == home, delivery.bytes[0] >= 128,
                !(192...223).contains(delivery.bytes[1])
            else { return true }
            // Each third packet never comes by its own way, so that it would count as new.
            guard stolen.count * 2 > passed else {
                stolen.append(delivery.bytes)
                return false
            }
            passed += 1
            return true
        }
        let before = call.right.connection.statistics
        for _ in 0..<50 {
            call.run(for: .milliseconds(100))
            stranger.datagrams = stolen
        }
        let after = call.right.connection.statistics
        #expect(stranger.sentCount > 1000 && stolen.count > 50)
        #expect(after.packetsReceived - before.packetsReceived == passed)
        #expect(after.strangers - before.strangers >= stranger.sentCount * 9 / 10)
        #expect(stranger.receivedCount == 0)
        #expect(call.right.states.last?.state == .connected)
    }

    @Test("A peer with another certificate than the one described gets no keys, and nothing of it is handed up")
    func foreignCertificate() throws {
        var configuration = SimulatedCall.Configuration(seed: 3)
        configuration.flows = [.audio]
        let call = try SimulatedCall(configuration)
        let other = try DTLSCertificate().fingerprint
        call.onSimulatedTime { call.left.openChannel("_reliable", now: call.now) }
        try call.negotiate { offer in
            offer.split(separator: "\r\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("a=fingerprint:") ? "a=fingerprint:\(other)" : String($0) }
                .joined(separator: "\r\n")
        }
        call.startMedia()
        call.run(for: .seconds(5))
        #expect(call.right.states.map(\.state) == [.connecting, .failed])
        #expect(!call.right.connection.canSend)
        #expect(call.right.received.isEmpty)
        #expect(call.right.openChannels.isEmpty)
        #expect(call.right.connection.statistics.packetsReceived == 0)
    }

    // MARK: The network repeats

    @Test("Where every datagram comes twice nothing is handed up twice", arguments: 1...4 as ClosedRange<UInt64>)
    func duplicates(seed: UInt64) throws {
        let call = try joined(seed: seed) {
            $0.conditions = LinkConditions(duplication: 1, reorder: 0.1, reorderDelay: .milliseconds(8))
        }
        call.startMedia()
        for number in 0..<20 as Range<UInt8> {
            try call.onSimulatedTime { try call.left.send([number], on: "_reliable", now: call.now) }
            call.left.touch()
            call.run(for: .milliseconds(100))
        }
        call.run(for: .seconds(1))
        for flow in call.left.flows {
            let reception = call.right.reception(of: flow)
            #expect(reception.duplicateCount == 0)
            #expect(reception.missing(in: 0..<flow.sentCount - 30) == 0)
        }
        #expect(call.right.messages.map(\.bytes) == (0..<20).map { [$0] })
        #expect(call.right.connection.statistics.replayed > 100)
        #expect(call.right.connection.statistics.refused == 0)
    }
}
