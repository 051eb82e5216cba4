import LiveKitCore
import LiveKitTestClock
import LiveKitTestSupport

@testable import LiveKitRTC

/// A DTLS client and server over a simulated network, with OpenSSL on simulated time.
final class DTLSCall {
    final class Side: SimulatedEndpoint {
        let host: SimulatedNetwork.HostID
        let own: TransportAddress
        let peer: TransportAddress
        let transport: DTLSTransport
        /// When each datagram was sent, and its bytes.
        private(set) var sent: [(at: MediaInstant, bytes: [UInt8])] = []
        private(set) var events: [DTLSEvent] = []
        private(set) var packets: [[UInt8]] = []
        fileprivate var now = MediaInstant.start

        init(
            host: SimulatedNetwork.HostID, own: TransportAddress, peer: TransportAddress, transport: DTLSTransport
        ) {
            self.host = host
            self.own = own
            self.peer = peer
            self.transport = transport
        }

        var deadline: MediaInstant? { transport.deadline }
        var isConnected: Bool { material != nil }
        var material: SRTPKeyingMaterial? {
            for case .connected(let material) in events { return material }
            return nil
        }

        func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
            self.now = now
            transport.receive(delivery.bytes, now: now)
        }

        func handleTimeout(now: MediaInstant) {
            self.now = now
            transport.handleTimeout(now: now)
        }

        func flush(into network: inout SimulatedNetwork) {
            while let event = transport.pollEvent() { events.append(event) }
            while let packet = transport.pollApplicationData() { packets.append(packet) }
            while let datagram = transport.pollTransmit() {
                sent.append((network.now, datagram))
                network.send(datagram, from: host, source: own, to: peer)
            }
        }
    }

    let simulation: Simulation
    let client: Side
    let server: Side

    init(
        seed: UInt64, conditions: LinkConditions = LinkConditions(delay: .milliseconds(25)),
        clientCertificate: DTLSCertificate? = nil, serverCertificate: DTLSCertificate? = nil,
        datagramSize: Int = DTLSLimits.datagramSize
    ) throws {
        let certificates = (
            client: try clientCertificate ?? DTLSCertificate(), server: try serverCertificate ?? DTLSCertificate()
        )
        let addresses = (TransportAddress(ipv4: 1, port: 1), TransportAddress(ipv4: 2, port: 2))
        var network = SimulatedNetwork(seed: seed)
        let hosts = (
            network.addHost("client", addresses: [addresses.0], uplink: conditions),
            network.addHost("server", addresses: [addresses.1], uplink: conditions)
        )
        client = Side(
            host: hosts.0, own: addresses.0, peer: addresses.1,
            transport: try DTLSTransport(
                role: .client, certificate: certificates.client, remoteFingerprint: certificates.server.fingerprint,
                datagramSize: datagramSize))
        server = Side(
            host: hosts.1, own: addresses.1, peer: addresses.0,
            transport: try DTLSTransport(
                role: .server, certificate: certificates.server, remoteFingerprint: certificates.client.fingerprint,
                datagramSize: datagramSize))
        simulation = Simulation(network)
        simulation.onTime = { lk_test_clock_set($0.nanoseconds) }
        simulation.add(client)
        simulation.add(server)
    }

    var now: MediaInstant { simulation.now }
    var areConnected: Bool { client.isConnected && server.isConnected }

    /// Runs `body` with the thread's clock on simulated time.
    func onSimulatedTime<Result>(_ body: () throws -> Result) rethrows -> Result {
        lk_test_clock_set(now.nanoseconds)
        defer { lk_test_clock_clear() }
        return try body()
    }

    func start() {
        onSimulatedTime {
            client.transport.start(now: now)
            server.transport.start(now: now)
        }
    }

    @discardableResult
    func run(for duration: MediaDuration, until condition: () -> Bool = { false }) -> Bool {
        onSimulatedTime { simulation.run(for: duration, until: condition) }
    }
}
