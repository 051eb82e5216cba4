internal import LiveKitCore
internal import LiveKitRTC

/// One layer of a published track: its stream, its newest packets, and the burst that waits to be forwarded.
final class UpstreamLayer {
    /// The place among the track's layers, 0 lowest.
    let index: Int
    let stream: InboundStream
    let ring: PacketRing
    /// Read once, not for each packet.
    let isVP8: Bool
    private unowned let track: PublishedTrack
    private unowned let connection: PeerConnection
    private(set) var lastPacketAt: MediaInstant?
    /// Sequence numbers stored in this turn.
    private(set) var burst: [Int64] = []

    /// A layer that sends nothing for so long counts as off (LiveKit's stream tracker cycles).
    private static let silence: MediaDuration = .milliseconds(1500)

    init(index: Int, stream: InboundStream, track: PublishedTrack, connection: PeerConnection) {
        self.index = index
        self.stream = stream
        self.track = track
        self.connection = connection
        isVP8 = stream.codec.name.lowercased() == "vp8"
        // features.md §1.7 S7.9: 500 for video, 200 for audio, here the powers of two around them.
        ring = stream.kind == .video
            ? PacketRing(capacity: 512, slotSize: 1500) : PacketRing(capacity: 128, slotSize: 1500)
        burst.reserveCapacity(64)
    }

    func receive(_ packet: InboundPacket) {
        lastPacketAt = packet.now
        track.noteLevel(packet)
        // Padding alone is a probe of the sender's; it has nothing for anybody.
        guard unsafe ring.store(packet.bytes, info: packet.info, sequence: packet.sequence) else { return }
        burst.append(packet.sequence)
    }

    func finishBurst() { burst.removeAll(keepingCapacity: true) }

    func isSending(now: MediaInstant) -> Bool {
        guard let lastPacketAt else { return false }
        return now - lastPacketAt < Self.silence
    }

    func requestKeyframe(now: MediaInstant) {
        connection.requestKeyframe(stream, now: now)
    }
}
