package import LiveKitCore

/// Joins the packets of VP8 frames, given in order, into frames.
///
/// A packet out of order, a gap, or a frame that begins before the one before it ended drops the frame under way.
package struct VP8FrameAssembler: Sendable {
    private var data: [UInt8] = []
    private var timestamp: UInt32 = 0
    private var pictureID: UInt16?
    private var isKeyFrame = false
    private var next: SequenceNumber?
    /// Frames that were begun and not finished.
    package private(set) var droppedCount: UInt64 = 0

    package init() {}

    /// Takes the next packet and returns the frame that it completes, if it does. A payload that is no VP8 drops the
    /// frame under way. Padding alone is passed over.
    package mutating func receive(
        payload: RawSpan, sequenceNumber: SequenceNumber, timestamp: UInt32, marker: Bool
    ) -> AssembledVideoFrame? {
        let isContinuous = next == sequenceNumber
        next = sequenceNumber.advanced(by: 1)
        guard payload.byteCount > 0 else { return nil }
        guard let descriptor = try? VP8PayloadDescriptor(parsing: payload) else { return drop() }
        let size = descriptor.encodedSize
        if descriptor.isPartitionStart, descriptor.partitionIndex == 0, data.isEmpty || timestamp != self.timestamp {
            if !data.isEmpty { _ = drop() }
            self.timestamp = timestamp
            pictureID = descriptor.pictureID
            isKeyFrame = descriptor.isKeyFrame(payload: payload)
        } else if data.isEmpty || !isContinuous || timestamp != self.timestamp {
            return drop()
        }
        guard data.count + payload.byteCount - size <= RTPLimits.frameSize else { return drop() }
        let bytes = payload.clamped(offset: size, size: payload.byteCount - size)
        unsafe bytes.withUnsafeBytes { unsafe data.append(contentsOf: $0) }
        guard marker, !data.isEmpty else { return nil }
        defer { data = [] }
        return AssembledVideoFrame(data: data, timestamp: timestamp, isKeyFrame: isKeyFrame, pictureID: pictureID)
    }

    private mutating func drop() -> AssembledVideoFrame? {
        if !data.isEmpty { droppedCount += 1 }
        data.removeAll(keepingCapacity: true)
        return nil
    }
}
