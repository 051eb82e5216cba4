import LiveKitCore
import LiveKitTestClock
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("DTLS on simulated time, RFC 6347 §4.2.4")
struct DTLSVirtualTimeTests {
    @Test("The clock of C libraries is the simulation's where one is set, and the system's otherwise")
    func clockIsInterposed() {
        let real = lk_test_clock_microseconds()
        lk_test_clock_set(1_234_567_000)
        #expect(lk_test_clock_microseconds() == 1_700_000_001_234_567)
        lk_test_clock_clear()
        let later = lk_test_clock_microseconds()
        #expect(later >= real && later - real < 60_000_000)
    }

    /// A record's epoch and sequence number: a flight that OpenSSL sends again has new ones.
    private func recordNumber(_ datagram: [UInt8]) -> [UInt8] { Array(datagram[3..<11]) }

    @Test("OpenSSL retransmits exactly 100, then 200, then 400 ms later, and the flight is repeated in between")
    func retransmissionTimes() throws {
        let call = try DTLSCall(seed: 1, conditions: LinkConditions(loss: .random(1)))
        call.start()
        call.run(for: .milliseconds(3150))
        var numbers: Set<[UInt8]> = []
        var fresh: [Int64] = []
        for (at, bytes) in call.client.sent where numbers.insert(recordNumber(bytes)).inserted {
            fresh.append((at - .start).microseconds)
        }
        #expect(fresh == [0, 100_000, 300_000, 700_000, 1_500_000, 2_300_000])
        let all = call.client.sent.map { ($0.at - .start).milliseconds }
        #expect(all == [0, 100, 300, 500, 700, 900, 1100, 1300, 1500, 1700, 1900, 2100, 2300, 2500, 2700, 2900, 3100])
        #expect(call.server.sent.isEmpty)
    }

    @Test("A peer that never answers fails the handshake after exactly a minute, and OpenSSL has not given up before")
    func silence() throws {
        let call = try DTLSCall(seed: 1, conditions: LinkConditions(loss: .random(1)))
        call.start()
        call.run(for: .milliseconds(59_999))
        #expect(call.client.events.isEmpty && call.server.events.isEmpty)
        call.run(for: .milliseconds(1))
        #expect(call.client.events == [.failed(.timedOut)])
        #expect(call.server.events == [.failed(.timedOut)])
        #expect(call.client.deadline == nil)
    }

    @Test("Without loss a handshake takes two round trips for the client and one and a half for the server")
    func roundTrips() throws {
        let call = try DTLSCall(seed: 1)
        call.start()
        #expect(call.run(for: .seconds(5)) { call.server.isConnected })
        #expect(call.now == .start + .milliseconds(75))
        #expect(call.run(for: .seconds(5)) { call.client.isConnected })
        #expect(call.now == .start + .milliseconds(100))
        #expect(call.client.material?.local == call.server.material?.remote)
    }

    @Test("The server's last flight is repeated until data shows that the client has it, and not for ever")
    func lastFlight() throws {
        let call = try DTLSCall(seed: 1)
        call.start()
        call.run(for: .milliseconds(80))
        let uplink = call.simulation.network.uplink(of: call.server.host)
        call.simulation.network.addOutage(of: uplink, from: .start, for: .milliseconds(900))
        call.run(for: .milliseconds(1000)) { call.client.isConnected }
        #expect(call.client.isConnected)
        let before = call.server.sent.count
        call.run(for: .seconds(10))
        #expect(call.server.sent.count <= before + DTLSLimits.lastFlightRepetitions)
        #expect(call.server.deadline == nil)

        let other = try DTLSCall(seed: 2)
        other.start()
        other.run(for: .seconds(5)) { other.client.isConnected }
        other.onSimulatedTime { _ = other.client.transport.send([1]) }
        other.run(for: .milliseconds(100))
        #expect(other.server.packets == [[1]])
        #expect(other.server.deadline == nil)
    }

    @Test("At 30 % loss both ways every seed connects", arguments: 1...20 as ClosedRange<UInt64>)
    func heavyLoss(seed: UInt64) throws {
        let call = try DTLSCall(
            seed: seed, conditions: LinkConditions(delay: .milliseconds(25), loss: .random(0.3)))
        call.start()
        #expect(call.run(for: .seconds(5)) { call.areConnected }, "\(call.simulation.network.trace)")
    }

    @Test("At 50 % loss both ways every seed connects", arguments: 1...20 as ClosedRange<UInt64>)
    func extremeLoss(seed: UInt64) throws {
        let call = try DTLSCall(
            seed: seed,
            conditions: LinkConditions(delay: .milliseconds(25), loss: .random(0.5), duplication: 0.1, reorder: 0.2))
        call.start()
        #expect(call.run(for: .seconds(15)) { call.areConnected }, "\(call.simulation.network.trace)")
        #expect(call.client.material?.local == call.server.material?.remote)
    }

    @Test("Small datagrams fit their MTU and connect under loss", arguments: [320, 548], 1...5 as ClosedRange<UInt64>)
    func fragments(mtu: Int, seed: UInt64) throws {
        let call = try DTLSCall(
            seed: seed,
            conditions: LinkConditions(delay: .milliseconds(25), loss: .random(0.2), reorder: 0.2, mtu: mtu),
            datagramSize: mtu - 28)
        call.start()
        #expect(call.run(for: .seconds(20)) { call.areConnected }, "\(call.simulation.network.trace)")
        #expect(call.simulation.network.trace.count(.tooLarge) == 0)
        #expect(call.simulation.network.trace.largestPayload <= mtu - 28)
    }

    @Test("Data that a goodbye overtook still arrives, and then it is over")
    func closeKeepsDataInFlight() throws {
        let call = try DTLSCall(seed: 3)
        call.start()
        call.run(for: .seconds(1)) { call.areConnected }
        call.run(for: .seconds(10))
        let uplink = call.simulation.network.uplink(of: call.client.host)
        call.onSimulatedTime { _ = call.client.transport.send([1]) }
        call.simulation.network.update(uplink) {
            $0.reorder = 1; $0.reorderDelay = .milliseconds(200)
        }
        call.simulation.flush()
        call.onSimulatedTime {
            for value in 2...9 as ClosedRange<UInt8> { _ = call.client.transport.send([value]) }
        }
        call.simulation.flush()
        call.simulation.network.update(uplink) { $0.reorder = 0 }
        call.onSimulatedTime { call.client.transport.close() }
        call.run(for: .milliseconds(100))
        #expect(call.server.packets.isEmpty)
        #expect(call.run(for: .seconds(1)) { call.server.events.last == .closed })
        #expect(call.server.packets == (1...9).map { [$0] })
        #expect(call.server.events.count == 2)
        call.run(for: .seconds(3))
        #expect(call.server.deadline == nil)
        #expect(!call.server.transport.send([1]))
    }
}

@Suite("DTLS certificates over time")
struct DTLSCertificateRotationTests {
    @Test("A connection outlives the certificate that it began with, and the next one shows the next certificate")
    func rotates() throws {
        let peer = try DTLSCertificate()
        var current: DTLSCertificate? = try DTLSCertificate(commonName: "old")
        let oldFingerprint = try #require(current?.fingerprint)
        let old = try DTLSCall(seed: 1, clientCertificate: peer, serverCertificate: current)
        old.start()
        #expect(old.run(for: .seconds(5)) { old.areConnected })

        current = try DTLSCertificate(commonName: "new")
        #expect(current?.fingerprint != oldFingerprint)
        let new = try DTLSCall(seed: 2, clientCertificate: peer, serverCertificate: current)
        new.start()
        #expect(new.run(for: .seconds(5)) { new.areConnected })
        current = nil

        for call in [old, new] {
            call.onSimulatedTime { _ = call.server.transport.send([4, 2]) }
            call.run(for: .seconds(1))
            #expect(call.client.packets == [[4, 2]])
        }
        #expect(old.client.material != new.client.material)
    }

    @Test("A peer that comes with the certificate before its rotation is refused")
    func staleCertificate() throws {
        let old = try DTLSCertificate()
        let new = try DTLSCertificate()
        let call = try DTLSCall(seed: 1, serverCertificate: old)
        call.client.transport.remoteFingerprint = new.fingerprint
        call.start()
        call.run(for: .seconds(2))
        #expect(call.client.events == [.failed(.fingerprintMismatch)])
        #expect(!call.client.transport.send([1]))
    }
}
