import Glibc
import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("DTLS handshake and fingerprint, RFC 5763 and RFC 5764")
struct DTLSHandshakeTests {
    @Test("Both sides connect with mirrored keys, and we choose AES-128-GCM")
    func connects() throws {
        let pair = try DTLSPair()
        pair.run()
        let client = try #require(pair.client.connectedMaterial)
        let server = try #require(pair.server.connectedMaterial)
        #expect(client == SRTPKeyingMaterial(profile: server.profile, local: server.remote, remote: server.local))
        #expect(client.profile == .aeadAES128GCM)
        #expect(client.local != client.remote)
        #expect(pair.client.deadline == nil)
        #expect(pair.client.pollEvent() == nil)
    }

    @Test(
        "The server's order of profiles decides",
        arguments: [
            ("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SRTPProfile.aeadAES128GCM),
            ("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", .aeadAES256GCM),
            ("SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80", .aes128CMHMACSHA1_80),
            ("SRTP_AES128_CM_SHA1_32", .aes128CMHMACSHA1_32),
        ])
    func serverChooses(offered: String, chosen: SRTPProfile) throws {
        let pair = try DTLSPair(clientCertificate: DTLSCertificate(commonName: "client", profiles: offered))
        pair.run()
        #expect(pair.client.connectedMaterial?.profile == chosen)
        #expect(pair.server.connectedMaterial?.profile == chosen)
    }

    @Test("Without a common profile nobody is connected")
    func noCommonProfile() throws {
        let pair = try DTLSPair(
            clientCertificate: DTLSCertificate(commonName: "client", profiles: "SRTP_AES128_CM_SHA1_32"),
            serverCertificate: DTLSCertificate(commonName: "server", profiles: "SRTP_AEAD_AES_128_GCM"))
        pair.run()
        #expect(pair.server.pollEvent() == .failed(.noSRTPProfile))
        #expect(pair.client.connectedMaterial == nil)
    }

    @Test("A certificate other than the described one never connects and hands nothing up")
    func wrongFingerprintFails() throws {
        let stranger = try DTLSCertificate()
        let pair = try DTLSPair(serverExpects: stranger.fingerprint)
        pair.run()
        #expect(pair.server.pollEvent() == .failed(.fingerprintMismatch))
        #expect(pair.server.pollEvent() == nil)
        pair.client.send([1, 2, 3])
        pair.settle()
        #expect(pair.server.pollApplicationData() == nil)
        #expect(!pair.server.send([1]))
    }

    @Test("Before the fingerprint is known nothing is reported, sent or handed up; then everything is")
    func lateFingerprintHoldsBack() throws {
        let pair = try DTLSPair(knowsFingerprints: false)
        pair.run()
        pair.client.remoteFingerprint = pair.serverCertificate.fingerprint
        #expect(pair.client.connectedMaterial != nil)
        #expect(pair.client.send([7]))
        pair.settle()
        #expect(pair.server.pollEvent() == nil)
        #expect(pair.server.pollApplicationData() == nil)
        #expect(!pair.server.send([1]))
        #expect(pair.server.deadline == .start + DTLSLimits.handshakeDuration)

        pair.server.remoteFingerprint = pair.clientCertificate.fingerprint

        #expect(pair.server.connectedMaterial != nil)
        #expect(pair.server.pollApplicationData() == [7])
        #expect(pair.server.deadline == nil)
    }

    @Test("A late fingerprint that is wrong throws away what came before it")
    func lateWrongFingerprintFails() throws {
        let pair = try DTLSPair(knowsFingerprints: false)
        pair.run()
        pair.client.remoteFingerprint = pair.serverCertificate.fingerprint
        pair.client.send([7])
        pair.settle()
        pair.server.remoteFingerprint = pair.serverCertificate.fingerprint
        #expect(pair.server.pollEvent() == .failed(.fingerprintMismatch))
        #expect(pair.server.pollApplicationData() == nil)
    }

    @Test("Datagrams keep to the MTU, and messages are put together again", arguments: [300, 600, 1200])
    func fragments(datagramSize: Int) throws {
        let pair = try DTLSPair(datagramSize: datagramSize)
        pair.run()
        #expect(pair.client.connectedMaterial != nil)
        #expect(pair.server.connectedMaterial != nil)
        #expect((pair.lengths.max() ?? 0) <= datagramSize)
        if datagramSize == 300 { #expect(pair.lengths.count > 6) }
    }

    @Test("Two hundred connections leave no error behind and free what they took")
    func manyConnections() throws {
        let certificate = try DTLSCertificate()
        for _ in 0..<200 {
            let pair = try DTLSPair(clientCertificate: certificate, serverCertificate: certificate)
            pair.run()
            #expect(pair.server.connectedMaterial != nil)
        }
    }
}

@Suite("DTLS over a bad network, RFC 6347 §4.2.4")
struct DTLSLossTests {
    /// Lets real time pass, by which OpenSSL's timer goes, until both are connected.
    private func persist(_ pair: DTLSPair, rounds: Int = 4) -> Bool {
        var connected: Set<String> = []
        pair.run()
        for _ in 0..<rounds {
            if pair.client.connectedMaterial != nil { connected.insert("client") }
            if pair.server.connectedMaterial != nil { connected.insert("server") }
            if connected.count == 2 { return true }
            usleep(105_000)
            pair.now = pair.now + .milliseconds(105)
            pair.client.handleTimeout(now: pair.now)
            pair.server.handleTimeout(now: pair.now)
            pair.settle()
        }
        return false
    }

    @Test("Whichever datagram is lost, a retransmission mends it", arguments: 0..<5)
    func survivesLoss(number: Int) throws {
        let pair = try DTLSPair()
        pair.lost = [number]
        #expect(persist(pair))
    }

    @Test("The first retransmission is due after 100 ms, and an early call sends nothing")
    func retransmissionIsTimed() throws {
        let pair = try DTLSPair()
        pair.client.start(now: .start)
        while pair.client.pollTransmit() != nil {}
        let deadline = try #require(pair.client.deadline)
        #expect(deadline > .start + .milliseconds(60) && deadline <= .start + .milliseconds(100))
        pair.client.handleTimeout(now: .start + .milliseconds(1))
        #expect(pair.client.pollTransmit() == nil)
        usleep(105_000)
        pair.client.handleTimeout(now: .start + .milliseconds(105))
        #expect(pair.client.pollTransmit() != nil)
        let next = try #require(pair.client.deadline)
        #expect(next > .start + .milliseconds(250) && next <= .start + .milliseconds(305))
    }

    @Test("A silent peer fails the handshake after a minute, once", arguments: [DTLSTransport.Role.client, .server])
    func silenceTimesOut(role: DTLSTransport.Role) throws {
        let transport = try DTLSTransport(role: role, certificate: DTLSCertificate())
        transport.start(now: .start)
        transport.handleTimeout(now: .start + .seconds(59))
        #expect(transport.pollEvent() == nil)
        transport.handleTimeout(now: .start + .seconds(60))
        #expect(transport.pollEvent() == .failed(.timedOut))
        transport.handleTimeout(now: .start + .seconds(61))
        #expect(transport.pollEvent() == nil)
        #expect(transport.deadline == nil)
    }

    @Test("Every datagram arriving twice, each with garbage around it, changes nothing", arguments: 1...10)
    func duplicatesAndGarbage(seed: Int) throws {
        var random = DeterministicRandom(seed: UInt64(seed))
        let pair = try DTLSPair()
        pair.tamper = { datagram in
            let noise = (0..<Int.random(in: 0...3000, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let headed = [20 + UInt8(seed % 4), 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40] + noise.prefix(40)
            return [noise, datagram, Array(headed), datagram + noise.prefix(20), [], [22]]
        }
        pair.run()
        #expect(pair.client.connectedMaterial != nil)
        #expect(pair.server.connectedMaterial != nil)
        pair.client.send([5, 6])
        pair.settle()
        #expect(pair.server.pollApplicationData() == [5, 6])
        #expect(pair.server.pollApplicationData() == nil)
    }

    @Test("A forged plaintext alert does not end a handshake, but a real one shortens the wait")
    func plaintextAlerts() throws {
        let alert: [UInt8] = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]
        let pair = try DTLSPair()
        pair.tamper = { [alert, $0, alert] }
        pair.run()
        #expect(pair.client.connectedMaterial != nil)
        #expect(pair.server.connectedMaterial != nil)

        let lonely = try DTLSTransport(role: .server, certificate: DTLSCertificate())
        lonely.start(now: .start)
        lonely.receive(alert, now: .start + .seconds(1))
        lonely.handleTimeout(now: .start + .seconds(11))
        #expect(lonely.pollEvent() == .failed(.alert(40)))
    }

    @Test("Encrypted records before the keys are taken only up to the bound")
    func earlyRecordsAreBounded() throws {
        let transport = try DTLSTransport(role: .server, certificate: DTLSCertificate())
        transport.start(now: .start)
        for number in 0..<2000 {
            let record: [UInt8] =
                [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, UInt8(number >> 8), UInt8(number & 0xFF), 4, 0]
                + [UInt8](repeating: 0x55, count: 1024)
            transport.receive(record, now: .start)
        }
        #expect(transport.refusedRecords == 2000 - DTLSLimits.earlyEncryptedBytes / (13 + 1024))
        #expect(transport.pollEvent() == nil)
    }

    @Test("Recorded flights of other implementations never trap", .enabled(if: TestData.root != nil, "needs corpora"))
    func recordedDatagrams() throws {
        let certificate = try DTLSCertificate()
        for file in TestData.files(in: "pion-mit/dtls") {
            let bytes = try TestData.bytes(of: file)
            for role in [DTLSTransport.Role.client, .server] {
                let transport = try DTLSTransport(role: role, certificate: certificate)
                transport.start(now: .start)
                transport.receive(Array(bytes.prefix(2000)), now: .start)
                #expect(transport.connectedMaterial == nil)
            }
        }
    }
}

@Suite("DTLS application data, RFC 8261")
struct DTLSApplicationDataTests {
    private func connected() throws -> DTLSPair {
        let pair = try DTLSPair()
        pair.run()
        _ = try #require(pair.client.connectedMaterial)
        _ = try #require(pair.server.connectedMaterial)
        return pair
    }

    @Test("Packets arrive whole and apart, both ways")
    func carriesPackets() throws {
        let pair = try connected()
        for size in [1, 2, 100, 1150, 1200] {
            let packet = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* size) }
            #expect(pair.client.send(packet))
            #expect(pair.client.send([9]))
            #expect(pair.server.send(packet))
            pair.settle()
            #expect(pair.server.pollApplicationData() == packet)
            #expect(pair.server.pollApplicationData() == [9])
            #expect(pair.client.pollApplicationData() == packet)
        }
        #expect(!pair.client.send([UInt8](repeating: 0, count: 4000)))
        #expect(!pair.client.send([]))
    }

    @Test("Garbage, replays and changed records are dropped without an event")
    func ignoresGarbage() throws {
        let pair = try connected()
        pair.tamper = { datagram in
            var changed = datagram
            changed[datagram.count - 1] ^= 1
            let alert: [UInt8] = [21, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]
            let clear: [UInt8] = [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]
            return [changed, alert, clear, datagram, datagram, Array(datagram.dropLast(3))]
        }
        for value in 0..<100 as Range<UInt8> {
            pair.client.send([value])
            pair.settle()
            #expect(pair.server.pollApplicationData() == [value])
            #expect(pair.server.pollApplicationData() == nil)
        }
        #expect(pair.server.pollEvent() == nil)
        #expect(pair.client.pollEvent() == nil)
    }

    @Test("Goodbye is reported once, after the data before it")
    func closes() throws {
        let pair = try connected()
        pair.client.send([1])
        pair.client.close()
        pair.client.close()
        pair.settle()
        #expect(pair.server.pollApplicationData() == [1])
        #expect(pair.server.pollEvent() == .closed)
        #expect(pair.server.pollEvent() == nil)
        #expect(pair.client.pollEvent() == nil)
        #expect(!pair.server.send([1]))
        #expect(!pair.client.send([1]))
    }

    @Test("What nobody fetches is bounded")
    func queueIsBounded() throws {
        let pair = try connected()
        for _ in 0..<(2 * DTLSLimits.queuedDatagrams) {
            pair.client.send([1])
            pair.settle()
        }
        var count = 0
        while pair.server.pollApplicationData() != nil { count += 1 }
        #expect(count == DTLSLimits.queuedDatagrams)
    }
}
