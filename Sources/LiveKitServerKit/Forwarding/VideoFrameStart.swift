internal import LiveKitCore

/// What the first bytes of a payload tell about switching layers at it.
///
/// VP8 is read; for other codecs, which come in one layer only, every packet counts as a place to begin.
struct VideoFrameStart {
    let startsKeyframe: Bool
    let descriptor: VP8PayloadDescriptor?

    /// A place where nothing can begin.
    init() {
        startsKeyframe = false
        descriptor = nil
    }

    init(_ payload: UnsafeRawBufferPointer, isVP8: Bool) {
        guard isVP8,
            let descriptor = unsafe try? VP8PayloadDescriptor(parsing: RawSpan(_unsafeBytes: payload))
        else {
            startsKeyframe = !isVP8
            self.descriptor = nil
            return
        }
        self.descriptor = descriptor
        // RFC 7741 §4.3: the P bit of the first partition's first byte is clear in a key frame.
        let first = unsafe payload.count > descriptor.encodedSize ? payload[descriptor.encodedSize] : 1
        startsKeyframe = descriptor.isPartitionStart && descriptor.partitionIndex == 0 && first & 1 == 0
    }
}
