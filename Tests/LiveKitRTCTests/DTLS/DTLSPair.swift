import LiveKitCore

@testable import LiveKitRTC

/// A client and a server joined by a perfect wire, unless the test says which datagrams vanish.
final class DTLSPair {
    let client: DTLSTransport
    let server: DTLSTransport
    let clientCertificate: DTLSCertificate
    let serverCertificate: DTLSCertificate
    var now = MediaInstant.start
    /// The lengths of all datagrams that went over the wire.
    private(set) var lengths: [Int] = []
    /// Numbers of datagrams that get lost, counted over both directions.
    var lost: Set<Int> = []
    /// Sees each datagram and says what arrives instead.
    var tamper: ([UInt8]) -> [[UInt8]] = { [$0] }

    init(
        clientCertificate: DTLSCertificate? = nil, serverCertificate: DTLSCertificate? = nil,
        clientExpects: DTLSFingerprint? = nil, serverExpects: DTLSFingerprint? = nil, knowsFingerprints: Bool = true,
        datagramSize: Int = DTLSLimits.datagramSize
    ) throws {
        self.clientCertificate = try clientCertificate ?? DTLSCertificate(commonName: "client")
        self.serverCertificate = try serverCertificate ?? DTLSCertificate(commonName: "server")
        client = try DTLSTransport(
            role: .client, certificate: self.clientCertificate,
            remoteFingerprint: knowsFingerprints ? clientExpects ?? self.serverCertificate.fingerprint : nil,
            datagramSize: datagramSize)
        server = try DTLSTransport(
            role: .server, certificate: self.serverCertificate,
            remoteFingerprint: knowsFingerprints ? serverExpects ?? self.clientCertificate.fingerprint : nil,
            datagramSize: datagramSize)
    }

    /// Starts both and carries datagrams until nobody has any.
    func run() {
        client.start(now: now)
        server.start(now: now)
        settle()
    }

    func settle() {
        var isMoving = true
        while isMoving {
            isMoving = false
            while let datagram = client.pollTransmit() {
                carry(datagram, to: server)
                isMoving = true
            }
            while let datagram = server.pollTransmit() {
                carry(datagram, to: client)
                isMoving = true
            }
        }
    }

    private func carry(_ datagram: [UInt8], to target: DTLSTransport) {
        defer { lengths.append(datagram.count) }
        guard !lost.contains(lengths.count) else { return }
        for arriving in tamper(datagram) { target.receive(arriving, now: now) }
    }
}

extension DTLSTransport {
    func receive(_ datagram: [UInt8], now: MediaInstant) {
        receive(datagram: datagram.rawSpan, now: now)
    }

    @discardableResult
    func send(_ packet: [UInt8]) -> Bool {
        send(applicationData: packet.rawSpan)
    }

    var connectedMaterial: SRTPKeyingMaterial? {
        guard case .connected(let material) = pollEvent() else { return nil }
        return material
    }
}
