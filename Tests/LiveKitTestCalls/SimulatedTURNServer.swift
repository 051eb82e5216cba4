package import LiveKitCore
package import LiveKitRTC
package import LiveKitTestSupport

/// A TURN server on a host of the simulated network, over UDP.
package final class SimulatedTURNServer: SimulatedEndpoint {
    package static let port: UInt16 = 3478
    package static let username = "alice"
    package static let password = "secret"

    package let host: SimulatedNetwork.HostID
    package let address: TransportAddress
    package private(set) var server: TURNServer
    /// Requests that came, by their method.
    package private(set) var requests: [STUNMessage.Method: Int] = [:]
    private var relays: [UInt16: TURNRelayID] = [:]
    private var ports: [TURNRelayID: UInt16] = [:]
    private var now = MediaInstant.start

    package init(host: SimulatedNetwork.HostID, address: TransportAddress, peers: AddressBlock?, seed: UInt64) {
        self.host = host
        self.address = address.with(port: Self.port)
        let configuration = TURNServerConfiguration(
            relayHosts: [address], relayPorts: 40_000...40_099,
            peerFilter: TURNPeerFilter(allowedBlocks: peers.map { [$0] } ?? []))
        var random = DeterministicRandom(seed: seed)
        let entropy = (0..<TURNServer.entropySize).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        server = TURNServer(configuration: configuration, entropy: entropy) { username, _ in
            let key = STUNKey(username: username, realm: TURNCredentials.realm, password: Self.password)
            return TURNAccount(user: username, key: key)
        }
    }

    package var deadline: MediaInstant? { server.deadline }

    package func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        self.now = now
        if delivery.destination.port == Self.port {
            if let message = try? STUNMessage(parsing: delivery.bytes), message.messageClass == .request {
                requests[message.method, default: 0] += 1
            }
            let client = TURNFiveTuple(transport: .udp, client: delivery.source, server: address)
            server.receive(delivery.bytes, from: client, now: now)
        } else if let relay = relays[delivery.destination.port] {
            server.receive(delivery.bytes, onRelay: relay, from: delivery.source, now: now)
        }
    }

    package func handleTimeout(now: MediaInstant) {
        self.now = now
        server.handleTimeout(now: now)
    }

    package func flush(into network: inout SimulatedNetwork) {
        while let action = server.pollAction() {
            switch action {
            case .send(let bytes, let client):
                network.send(bytes, from: host, source: address, to: client.client)
            case .relay(let bytes, let relay, let peer):
                guard let port = ports[relay] else { continue }
                network.send(bytes, from: host, source: address.with(port: port), to: peer)
            case .openRelay(let relay, _, let port):
                relays[port] = relay
                ports[relay] = port
                server.relayOpened(relay, now: now)
            case .closeRelay(let relay):
                if let port = ports.removeValue(forKey: relay) { relays[port] = nil }
            }
        }
    }
}
