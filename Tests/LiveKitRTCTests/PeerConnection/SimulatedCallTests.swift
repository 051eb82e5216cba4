import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// Two whole peers over a simulated network: real ICE, DTLS, SRTP, SCTP and RTP on simulated time.
@Suite("Simulated calls")
struct SimulatedCallTests {
    private func joined(
        seed: UInt64, _ change: (inout SimulatedCall.Configuration) -> Void = { _ in }
    ) throws -> SimulatedCall {
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = [.video(bitrate: 300_000), .audio]
        change(&configuration)
        let call = try SimulatedCall(configuration)
        let time = try call.join()
        try #require(time != nil, "seed \(seed) did not join\n\(call.trace)")
        return call
    }

    /// Packets of both sides' flows that are not there, but for the newest, which may be under way.
    private func missing(_ call: SimulatedCall, sparing newest: Int = 30) -> Int {
        func count(_ sender: SimulatedPeer, _ receiver: SimulatedPeer) -> Int {
            sender.flows.reduce(0) {
                $0 + receiver.reception(of: $1).missing(in: 0..<max($1.sentCount - newest, 0))
            }
        }
        return count(call.left, call.right) + count(call.right, call.left)
    }

    @Test("Without loss a join takes four and a half round trips, on either family", arguments: [false, true])
    func joins(usesIPv6: Bool) throws {
        var configuration = SimulatedCall.Configuration(seed: 1)
        configuration.usesIPv6 = usesIPv6
        let call = try SimulatedCall(configuration)
        let time = try #require(try call.join())
        #expect(time == .milliseconds(225))
        #expect(call.left.states.map(\.state) == [.connecting, .connected])
    }

    @Test("A join under loss both ways comes about", arguments: [(10, 5), (30, 15), (50, 40)], 1...4)
    func joinsUnderLoss(loss: (percent: Int, seconds: Int), seed: Int) throws {
        var configuration = SimulatedCall.Configuration(seed: UInt64(seed))
        configuration.conditions.loss = .random(Double(loss.percent) / 100)
        let call = try SimulatedCall(configuration)
        let time = try call.join(within: .seconds(Int64(loss.seconds)))
        #expect(time != nil, "\(call.trace)")
    }

    @Test("Left behind any kind of NAT the peers join and media flows", arguments: 0..<4)
    func joinsThroughNATs(kind: Int) throws {
        let kinds = [NATBehaviour.fullCone, .addressRestricted, .portRestricted, .symmetric]
        let call = try joined(seed: 1) { $0.leftNAT = kinds[kind] }
        call.startMedia()
        call.run(for: .seconds(2))
        #expect(missing(call) == 0)
        #expect(call.right.longestSilence(now: call.now) < .milliseconds(50))
    }

    @Test("The same seed is the same call, packet by packet")
    func replays() throws {
        func run(_ seed: UInt64) throws -> (MediaInstant, [Int]) {
            let call = try joined(seed: seed) {
                $0.conditions = LinkConditions(jitter: .milliseconds(9), loss: .random(0.1))
            }
            let joinedAt = call.now
            call.startMedia()
            call.run(for: .seconds(2))
            return (joinedAt, NetworkTrace.Fate.allCases.map { call.trace.count($0) })
        }
        let first = try run(9)
        let second = try run(9)
        #expect(first == second)
        let other = try run(10)
        #expect(first.1 != other.1)
    }

    @Test("What bursts take, NACK and RTX bring back, all of it", arguments: [1, 5, 10], 1...2 as ClosedRange<UInt64>)
    func recoversBursts(percent: Int, seed: UInt64) throws {
        let call = try joined(seed: seed)
        call.startMedia()
        call.run(for: .seconds(1))
        call.setConditions(LinkConditions(loss: .bursts(GilbertElliott(losing: Double(percent) / 100, meanBurst: 4))))
        call.run(for: .seconds(6))
        let sent = (call.left.flows + call.right.flows).map(\.sentCount)
        call.run(for: .seconds(2))
        let lost = call.trace.count(.lost)
        #expect(lost > 0)
        let receptions =
            call.left.flows.map { call.right.reception(of: $0) } + call.right.flows.map { call.left.reception(of: $0) }
        for (reception, count) in zip(receptions, sent) {
            #expect(reception.missing(in: 0..<count) == 0, "seed \(seed)")
            #expect(reception.duplicateCount <= lost / 2)
        }
    }

    @Test("Media is back a second after an outage, on the same connection", arguments: [500, 5000])
    func survivesOutages(milliseconds: Int64) throws {
        let call = try joined(seed: 3)
        call.startMedia()
        call.run(for: .seconds(3))
        for peer in [call.left, call.right] {
            call.simulation.network.addOutage(of: peer.host, from: call.now, for: .milliseconds(milliseconds))
        }
        call.run(for: .milliseconds(milliseconds))
        call.left.watchGaps(now: call.now)
        call.right.watchGaps(now: call.now)
        call.run(for: .seconds(3))
        #expect(call.left.longestSilence(now: call.now) < .seconds(1))
        #expect(call.right.longestSilence(now: call.now) < .seconds(1))
        #expect(call.left.states.map(\.state) == [.connecting, .connected])
    }

    @Test("Data sent during an outage arrives after it, in order and once")
    func keepsDataThroughOutages() throws {
        let call = try joined(seed: 4) { $0.flows = [] }
        call.simulation.network.addOutage(of: call.left.host, from: call.now, for: .seconds(4))
        for number in 0..<50 {
            try call.onSimulatedTime {
                try call.left.send([UInt8](repeating: UInt8(number), count: 2000), on: "_reliable", now: call.now)
            }
            call.run(for: .milliseconds(100))
        }
        call.run(for: .seconds(8)) { call.right.messages.count == 50 }
        #expect(call.right.messages.map(\.bytes.first) == (0..<50).map { UInt8($0) })
    }

    @Test("A rebound NAT interrupts media for four seconds at most, whichever side controls", arguments: [true, false])
    func survivesRebinding(isControlling: Bool) throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let call = try joined(seed: seed) {
                if isControlling { $0.leftNAT = .portRestricted } else { $0.rightNAT = .portRestricted }
            }
            call.startMedia()
            call.run(for: .seconds(3) + .milliseconds(Int64(seed) * 431))
            let nat = try #require(isControlling ? call.leftNAT : call.rightNAT)
            call.left.watchGaps(now: call.now)
            call.right.watchGaps(now: call.now)
            call.simulation.network.rebind(nat)
            call.run(for: .seconds(10))
            #expect(call.left.longestSilence(now: call.now) < .seconds(4), "seed \(seed)")
            #expect(call.right.longestSilence(now: call.now) < .seconds(4), "seed \(seed)")
        }
    }

    @Test("An ICE restart does not interrupt media; with a new address it does for under a second")
    func restarts() throws {
        for isHandover in [false, true] {
            let call = try joined(seed: 5) { $0.leftNAT = .portRestricted }
            call.startMedia()
            call.run(for: .seconds(3))
            let nat = try #require(call.leftNAT)
            call.left.watchGaps(now: call.now)
            call.right.watchGaps(now: call.now)
            if isHandover {
                call.simulation.network.rebind(nat, to: TransportAddress(ipv4: 0xCB00_7107, port: 0))
            }
            try call.restartICE(roundTrip: .milliseconds(50))
            call.run(for: .seconds(5))
            let limit: MediaDuration = isHandover ? .seconds(1) : .milliseconds(50)
            #expect(call.left.longestSilence(now: call.now) < limit)
            #expect(call.right.longestSilence(now: call.now) < limit)
            #expect(call.left.states.suffix(2).map(\.state) == [.connecting, .connected])
            #expect(call.right.states.suffix(2).map(\.state) == [.connecting, .connected])
        }
    }

    @Test("A restart after a failure is told, and its own failure too")
    func restartsInVain() throws {
        let call = try joined(seed: 5)
        call.simulation.network.addOutage(of: call.left.host, from: call.now, for: .seconds(60))
        call.run(for: .seconds(20))
        try call.restartICE(roundTrip: .milliseconds(50))
        call.run(for: .seconds(20))
        #expect(call.left.states.suffix(3).map(\.state) == [.failed, .connecting, .failed])
    }

    @Test("No datagram passes IPv6's least MTU; media, handshakes and checks keep to 1200 bytes of UDP")
    func keepsToTheMTU() throws {
        let call = try joined(seed: 6) {
            $0.conditions = LinkConditions(loss: .random(0.05), mtu: 1280)
            $0.usesIPv6 = true
        }
        var largest: [Bool: Int] = [:]
        call.simulation.filter = { delivery in
            let isDTLSRecord = delivery.bytes.first == 23
            largest[isDTLSRecord] = max(largest[isDTLSRecord] ?? 0, delivery.bytes.count)
            return true
        }
        call.startMedia()
        try call.onSimulatedTime {
            try call.left.send([UInt8](repeating: 7, count: 60_000), on: "_reliable", now: call.now)
        }
        call.run(for: .seconds(10)) { !call.right.messages.isEmpty }
        #expect(call.right.messages.first?.bytes.count == 60_000)
        #expect(call.trace.count(.tooLarge) == 0)
        #expect(largest[false] ?? 0 <= 1200)
        // SCTP's packets begin at 1191 bytes, which with DTLS, UDP and IPv6 is 1276.
        #expect(largest[true] ?? 0 <= 1280 - 48)
    }

    @Test("RTCP lost one way: media goes on, nothing grows, no storm of key frames")
    func survivesOneWayControl() throws {
        let call = try joined(seed: 7)
        call.startMedia()
        call.run(for: .seconds(1))
        // Everything that the right side says about the left's media vanishes; its own media does not.
        let right = call.right.host
        call.simulation.filter = { delivery in
            guard delivery.host != right, (128...191).contains(delivery.bytes[0]) else { return true }
            return !(192...223).contains(delivery.bytes[1])
        }
        call.setConditions(LinkConditions(loss: .random(0.02)))
        let sent = call.left.flows[0].sentCount
        call.run(for: .seconds(20))
        let expected = call.left.flows[0].sentCount - sent
        #expect(call.left.flows[0].retransmittedCount == 0)
        #expect(call.left.keyframeRequests == 0)
        #expect(call.right.reception(of: call.left.flows[0]).missing(in: sent..<sent + expected) < expected / 20)
        #expect(call.left.states.last?.state == .connected)
        #expect(call.right.states.last?.state == .connected)
    }

    @Test("A peer that closes leaves the other disconnected, silent and idle")
    func closes() throws {
        let call = try joined(seed: 8)
        call.startMedia()
        call.run(for: .seconds(1))
        call.onSimulatedTime { call.left.connection.close(now: call.now) }
        call.left.touch()
        call.left.stopMedia()
        // The simulation traps on a deadline that does not move on.
        call.run(for: .seconds(30))
        #expect(call.left.states.last?.state != .failed)
        #expect(call.right.states.map(\.state).contains(.disconnected))
        #expect(!call.right.connection.canSend)
    }

    @Test("Another certificate in the peer's description ends the keys that the old one gave")
    func changedFingerprint() throws {
        let call = try joined(seed: 8)
        call.startMedia()
        call.run(for: .seconds(1))
        let stranger = try DTLSCertificate()
        try call.onSimulatedTime {
            let offer = try call.left.connection.createOffer(now: call.now)
            let forged = offer.split(separator: "\r\n", omittingEmptySubsequences: false).map {
                $0.hasPrefix("a=fingerprint:") ? "a=fingerprint:\(stranger.fingerprint)" : String($0)
            }.joined(separator: "\r\n")
            _ = try call.right.connection.applyRemoteOffer(forged, now: call.now)
            _ = try call.right.connection.createAnswer(now: call.now)
        }
        call.right.touch()
        #expect(call.right.states.last?.state == .connecting)
        #expect(!call.right.connection.canSend)
        let received = call.right.reception(of: call.left.flows[0]).distinctCount
        call.run(for: .seconds(5))
        #expect(call.right.reception(of: call.left.flows[0]).distinctCount == received)
        #expect(!call.right.states.map(\.state).suffix(1).contains(.connected))
    }

    @Test("Without the cipher a call behaves the same, and by default there is one")
    func stub() throws {
        let call = try joined(seed: 9) { $0.protectsPackets = false }
        call.startMedia()
        call.run(for: .seconds(2))
        #expect(missing(call) == 0)
        let protected = try joined(seed: 9)
        #expect(protected.left.connection.sender is SRTPSender)
        #expect(protected.left.connection.receiver is SRTPReceiver)
        #expect(!(call.left.connection.sender is SRTPSender))
    }
}
