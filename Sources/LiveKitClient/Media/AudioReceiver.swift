internal import LiveKitCore
internal import LiveKitRTC

/// A subscribed audio track on the media loop: packets in, packets in order and in time out.
final class AudioReceiver: MediaReceiver {
    let mid: String
    private var buffer = AudioJitterBuffer()
    private weak var stream: InboundStream?
    private var isDirty = false
    private let output: AudioOutput
    private var bytesReceived: UInt64 = 0

    private static let clockRate: Int64 = 48_000

    init(mid: String, output: AudioOutput) {
        self.mid = mid
        self.output = output
    }

    var deadline: MediaInstant? { buffer.deadline }

    func begin(_ stream: InboundStream) {
        self.stream = stream
        buffer = AudioJitterBuffer()
    }

    func receive(_ packet: InboundPacket) {
        bytesReceived &+= UInt64(packet.info.payloadSize)
        unsafe buffer.insert(payload: RawSpan(_unsafeBytes: packet.payload), info: packet.info, now: packet.now)
        isDirty = true
    }

    func drain(now: MediaInstant, connection: PeerConnection) {
        guard isDirty || buffer.deadline.map({ $0 <= now }) ?? false else { return }
        isDirty = false
        while let item = buffer.poll(now: now) {
            switch item {
            case .packet(let payload, _, let timestamp):
                output.receive(EncodedAudioPacket(bytes: payload, timestamp: timestamp))
            case .lost(_, let timestamp): output.receive(EncodedAudioPacket(bytes: nil, timestamp: timestamp))
            }
        }
    }

    func statistics(_ connection: PeerConnection) -> InboundStreamStatistics {
        var value = InboundStreamStatistics()
        if let stream { value.read(stream, clockRate: Self.clockRate) }
        value.bytesReceived = bytesReceived
        value.framesReceived = buffer.playedCount
        value.packetsConcealed = buffer.lostCount
        value.roundTripTime = connection.roundTripTime?.seconds
        return value
    }
}
