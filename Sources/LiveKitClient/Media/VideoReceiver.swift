internal import LiveKitCore
internal import LiveKitMedia
internal import LiveKitRTC

/// A subscribed video track on the media loop: packets in, whole pictures out.
final class VideoReceiver: MediaReceiver {
    let mid: String
    private var buffer = VideoJitterBuffer()
    private weak var stream: InboundStream?
    private var isDirty = false
    private let output: VideoOutput
    private var framesReceived: UInt64 = 0
    private var keyframeRequests: UInt64 = 0
    private var bytesReceived: UInt64 = 0

    /// Ticks since the first picture, without wraps.
    private var position: Int64 = 0
    private var lastTimestamp: UInt32?

    private static let clockRate: Int64 = 90_000

    init(mid: String, output: VideoOutput) {
        self.mid = mid
        self.output = output
    }

    var deadline: MediaInstant? { buffer.deadline }

    func begin(_ stream: InboundStream) {
        self.stream = stream
        buffer = VideoJitterBuffer()
    }

    func receive(_ packet: InboundPacket) {
        bytesReceived &+= UInt64(packet.info.payloadSize)
        unsafe buffer.insert(payload: RawSpan(_unsafeBytes: packet.payload), info: packet.info, now: packet.now)
        isDirty = true
    }

    /// The decoder cannot go on without a key frame.
    func requestKeyframe(connection: PeerConnection, now: MediaInstant) {
        guard let stream else { return }
        keyframeRequests &+= 1
        connection.requestKeyframe(stream, now: now)
    }

    func drain(now: MediaInstant, connection: PeerConnection) {
        guard isDirty || buffer.deadline.map({ $0 <= now }) ?? false else { return }
        isDirty = false
        if let time = connection.roundTripTime { buffer.setRoundTripTime(time) }
        while let frame = buffer.pollFrame(now: now) {
            framesReceived &+= 1
            extend(frame.timestamp)
            let size = frame.isKeyFrame ? try? VP8KeyFrameHeader(parsing: frame.data.rawSpan) : nil
            output.receive(
                EncodedVideoFrame(
                    bytes: frame.data, isKeyframe: frame.isKeyFrame, timestampNanoseconds: position * 100_000 / 9,
                    width: Int(size?.width ?? 0), height: Int(size?.height ?? 0)))
        }
        if buffer.pollKeyFrameRequest(now: now) { requestKeyframe(connection: connection, now: now) }
    }

    private func extend(_ timestamp: UInt32) {
        if let lastTimestamp { position += Int64(Int32(bitPattern: timestamp &- lastTimestamp)) }
        lastTimestamp = timestamp
    }

    func statistics(_ connection: PeerConnection) -> InboundStreamStatistics {
        var value = InboundStreamStatistics()
        if let stream { value.read(stream, clockRate: Self.clockRate) }
        value.bytesReceived = bytesReceived
        value.framesReceived = framesReceived
        value.keyframeRequests = keyframeRequests
        value.roundTripTime = connection.roundTripTime?.seconds
        return value
    }
}

extension InboundStreamStatistics {
    mutating func read(_ stream: InboundStream, clockRate: Int64) {
        packetsReceived = stream.statistics.packetCount
        packetsLost = Int(clamping: stream.statistics.cumulativeLost)
        jitter = Double(stream.statistics.jitter) / Double(clockRate)
    }
}
