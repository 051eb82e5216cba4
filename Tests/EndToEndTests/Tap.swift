import LiveKitCore
import LiveKitRTC
import Synchronization
import Testing

@testable import LiveKitClient

/// Takes what comes in over a connection, in the place of its client.
final class Tap: PeerConnectionObserver, Sendable {
    struct Packet {
        var sequence: Int64
        var timestamp: UInt32
        var isMarked: Bool
        var payload: [UInt8]

        var descriptor: VP8PayloadDescriptor? { try? VP8PayloadDescriptor(parsing: payload.rawSpan) }
    }

    private let messages = Mutex<[String: [[UInt8]]]>([:])
    private let packets = Mutex<[(kind: SectionKind, packet: Packet)]>([])
    /// Whether each packet is answered with a request for a key frame.
    private let demandsKeyframes: Bool

    private init(demandsKeyframes: Bool) { self.demandsKeyframes = demandsKeyframes }

    /// In the place of the connection that a client is sent tracks by.
    static func place(at room: Room, demandsKeyframes: Bool = false) async throws -> Tap {
        let tap = Tap(demandsKeyframes: demandsKeyframes)
        let subscriber = try #require(await room.link.session.subscriber)
        try await subscriber.perform { $0.connection.observer = tap }
        return tap
    }

    func messages(_ label: String) -> [[UInt8]] { messages.withLock { $0[label] ?? [] } }

    func packets(_ kind: SectionKind) -> [Packet] {
        packets.withLock { $0.filter { $0.kind == kind }.map(\.packet) }
    }

    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
        if demandsKeyframes {
            packet.stream.keyframes.interval = .zero
            connection.requestKeyframe(packet.stream, now: packet.now)
        }
        let taken = unsafe Packet(
            sequence: packet.sequence, timestamp: packet.info.timestamp, isMarked: packet.info.marker,
            payload: Array(packet.payload))
        guard !taken.payload.isEmpty else { return }
        packets.withLock { $0.append((packet.stream.kind, taken)) }
    }

    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {}

    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {
        guard case .message(_, let label, let bytes, _) = event else { return }
        messages.withLock { $0[label, default: []].append(bytes) }
    }
}
