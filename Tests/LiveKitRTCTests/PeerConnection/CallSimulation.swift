import LiveKitCore
import LiveKitTestSupport

@testable import LiveKitRTC

/// Two peer connections with real DTLS and SRTP over a simulated path.
final class CallSimulation {
    typealias Link = SimulatedLink<[UInt8]>

    final class Side: PeerConnectionObserver {
        let batch = DatagramBatch(capacity: 256)
        let address: TransportAddress
        private(set) var connection: PeerConnection
        var states: [PeerConnection.State] = []
        var messages: [(label: String, bytes: [UInt8])] = []
        var openLabels: [String] = []
        var closedLabels: [String] = []
        var lowLabels: [String] = []
        var packets: [(sequence: Int64, payload: [UInt8], mid: String, rid: String?)] = []
        var feedback: [OutboundFeedback] = []

        init(
            isOfferer: Bool, host: UInt32, seed: UInt64, capabilities: MediaCapabilities,
            configure: (inout PeerConnectionConfiguration) -> Void = { _ in }
        ) throws {
            address = TransportAddress(ipv4: host, port: 5000)
            let source = SeededEntropy(seed: seed)
            var configuration = PeerConnectionConfiguration(
                isOfferer: isOfferer, certificate: try DTLSCertificate(), capabilities: capabilities,
                hostAddresses: [address], entropy: source.bytes, wallClockOffset: 1_700_000_000_000_000_000)
            configure(&configuration)
            connection = PeerConnection(configuration, output: batch, socket: 0, now: .start)
            connection.observer = self
        }

        func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
            packets.append(
                (packet.sequence, unsafe Array(packet.payload), packet.stream.mid, packet.stream.rid))
        }

        func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {
            self.feedback.append(feedback)
        }

        func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
            switch event {
            case .stateChanged(let state): states.append(state)
            case .channelOpened(_, let label): openLabels.append(label)
            case .message(_, let label, let bytes, _): messages.append((label, bytes))
            case .channelClosed(_, let label): closedLabels.append(label)
            case .bufferedAmountLow(_, let label): lowLabels.append(label)
            case .allowanceChanged: break
            }
        }
    }

    let left: Side
    let right: Side
    var link: Link
    /// Called before each datagram is delivered; may change it, or drop it by returning nothing.
    var filter: ((Link.Host, [UInt8]) -> [UInt8]?)?

    init(
        seed: UInt64, conditions: Link.Conditions = Link.Conditions(),
        leftCapabilities: MediaCapabilities = .liveKitServerSubscriber,
        rightCapabilities: MediaCapabilities = .liveKitClient,
        configure: (inout PeerConnectionConfiguration) -> Void = { _ in }
    ) throws {
        left = try Side(
            isOfferer: true, host: 0x0A00_0001, seed: seed, capabilities: leftCapabilities, configure: configure)
        right = try Side(
            isOfferer: false, host: 0x0A00_0002, seed: ~seed, capabilities: rightCapabilities, configure: configure)
        link = Link(seed: seed, conditions: conditions)
    }

    var now: MediaInstant { link.now }

    func negotiate() throws {
        let offer = try left.connection.createOffer(now: now)
        _ = try right.connection.applyRemoteOffer(offer, now: now)
        let answer = try right.connection.createAnswer(now: now)
        try left.connection.applyRemoteAnswer(answer, now: now)
        collect()
    }

    func collect() {
        for (side, destination) in [(left, Link.Host.right), (right, Link.Host.left)] {
            for entry in side.batch.entries {
                link.send(unsafe Array(side.batch.bytes(of: entry)), to: destination)
            }
            side.batch.removeAll()
        }
    }

    /// Runs until the condition holds or the time is over. Returns whether it holds.
    @discardableResult
    func run(for duration: MediaDuration, until condition: () -> Bool = { false }) -> Bool {
        let end = now + duration
        while now < end {
            if condition() { return true }
            let deadline = MediaInstant.earliest(left.connection.deadline, right.connection.deadline)
            link.advance(to: deadline, end: end)
            for (destination, payload) in link.arrivals() { deliver(payload, to: destination) }
            for side in [left, right] where side.connection.deadline.map({ $0 <= now }) ?? false {
                side.connection.handleTimeout(now: now)
            }
            collect()
        }
        return condition()
    }

    private func deliver(_ payload: [UInt8], to destination: Link.Host) {
        guard var bytes = filter.map({ $0(destination, payload) }) ?? payload else { return }
        let (side, source) = destination == .left ? (left, right.address) : (right, left.address)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            _ = unsafe side.connection.receive(buffer, from: source, now: now)
        }
    }
}

/// Repeatable bytes where a connection wants secret ones.
struct SeededEntropy: Sendable {
    let seed: UInt64

    func bytes(_ count: Int) -> [UInt8] {
        var random = DeterministicRandom(seed: seed &+ UInt64(count))
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
