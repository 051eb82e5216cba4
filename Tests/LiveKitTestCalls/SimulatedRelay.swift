package import LiveKitCore
package import LiveKitRTC
internal import LiveKitTestSupport

/// A ``TURNClient`` of a simulated peer, on ports of its own: the simulation's counterpart of the loop's relay link.
package final class SimulatedRelay {
    /// What the connection sends by for the relay to take it.
    static let socket = 1
    private static let firstPort: UInt16 = 6000

    package private(set) var client: TURNClient
    package private(set) var events: [(at: MediaInstant, event: TURNClientEvent)] = []
    /// The local port to the server: another one for each attempt.
    private(set) var port = firstPort
    private var allocation: UInt8 = 0
    private let connection: PeerConnection
    private let onCandidate: (String) -> Void
    /// The long way's datagrams, and requests.
    private var transmits: [[UInt8]] = []

    init(
        server: TransportAddress, connection: PeerConnection, seed: UInt64, now: MediaInstant,
        onCandidate: @escaping (String) -> Void
    ) {
        self.connection = connection
        self.onCandidate = onCandidate
        client = TURNClient(
            addresses: [server],
            configuration: TURNAllocationConfiguration(
                transport: .udp, username: SimulatedTURNServer.username, password: SimulatedTURNServer.password),
            random: DeterministicRandom(seed: seed))
        client.start(now: now)
        drain(now: now)
    }

    var deadline: MediaInstant? { client.deadline }

    func receive(_ bytes: inout [UInt8], now: MediaInstant) {
        let isData = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let (peer, payload) = unsafe client.unwrap(buffer, now: now) else { return false }
            unsafe deliver(payload, from: peer, now: now)
            return true
        }
        if !isData { client.receive(bytes.rawSpan, now: now) }
        drain(now: now)
    }

    func handleTimeout(now: MediaInstant) {
        client.handleTimeout(now: now)
        drain(now: now)
    }

    package func close(now: MediaInstant) {
        client.close(now: now)
        drain(now: now)
    }

    /// Makes a datagram to a peer the server's; `nil` where it waits for a channel.
    func wrap(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, to peer: TransportAddress, now: MediaInstant
    ) -> [UInt8]? {
        guard let size = unsafe client.wrap(slot, count: count, to: peer, now: now) else {
            unsafe client.send([UInt8](slot[..<count]), to: peer, now: now)
            drain(now: now)
            return nil
        }
        return unsafe [UInt8](slot[..<size])
    }

    func takeTransmits() -> [[UInt8]] {
        defer { transmits = [] }
        return transmits
    }

    private func deliver(_ payload: UnsafeMutableRawBufferPointer, from peer: TransportAddress, now: MediaInstant) {
        _ = unsafe connection.receive(payload, from: peer, over: .relay(allocation), socket: Self.socket, now: now)
    }

    private func drain(now: MediaInstant) {
        while let event = client.pollEvent() {
            events.append((now, event))
            take(event, now: now)
        }
        while let data = client.pollReceived() {
            var payload = data.payload
            unsafe payload.withUnsafeMutableBytes { unsafe deliver($0, from: data.peer, now: now) }
        }
        while let bytes = client.pollTransmit() { transmits.append(bytes) }
    }

    private func take(_ event: TURNClientEvent, now: MediaInstant) {
        switch event {
        case .connect:
            port += 1
            client.connected(now: now)
        case .allocated(let relayed, let mapped):
            allocation &+= 1
            connection.setRelay(allocation, socket: Self.socket)
            let candidate = ICECandidate(relayed: relayed, allocation: allocation, mappedAddress: mapped)
            connection.addLocalCandidate(candidate, now: now)
            onCandidate(candidate.attribute)
        case .lost, .gaveUp: connection.relayClosed(allocation, now: now)
        case .peerRefused, .closed: break
        }
    }
}
