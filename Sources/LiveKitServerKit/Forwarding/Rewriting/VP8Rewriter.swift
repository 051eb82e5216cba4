internal import LiveKitCore

/// Keeps picture identifiers, TL0PICIDX and KEYIDX continuous for one subscriber across layer switches.
///
/// A decoder takes a jump in the picture identifier for loss (RFC 7741 §4.2). Widths stay as they came, so
/// the descriptor's size never changes and the rewrite happens in place.
struct VP8Rewriter {
    private struct Offsets {
        var pictureID: UInt16 = 0
        var temporalLayerZeroIndex: UInt8 = 0
        var keyIndex: UInt8 = 0
    }

    private var offsets = Offsets()
    private var lastPictureID: UInt16?
    private var lastTemporalLayerZeroIndex: UInt8 = 0
    private var lastKeyIndex: UInt8 = 0
    /// What the newest packet had, as it was sent.
    private var newest: VP8PayloadDescriptor?

    /// Continues with a source whose first frame carries `descriptor`.
    mutating func switchSource(to descriptor: VP8PayloadDescriptor) {
        guard let lastPictureID else { return }
        offsets.pictureID = lastPictureID &+ 1 &- (descriptor.pictureID ?? 0)
        offsets.temporalLayerZeroIndex = lastTemporalLayerZeroIndex &+ 1 &- (descriptor.temporalLayerZeroIndex ?? 0)
        offsets.keyIndex = lastKeyIndex &+ 1 &- (descriptor.keyIndex ?? 0)
    }

    /// The descriptor as the subscriber is to see it, which was not sent so many of the source's pictures before it.
    mutating func map(_ descriptor: VP8PayloadDescriptor, leftOut: UInt16 = 0) -> VP8PayloadDescriptor {
        let out = shift(descriptor, leftOut: leftOut)
        if let pictureID = out.pictureID {
            // A packet that comes late must not take the counters back (RFC 1982's half circle).
            let circle: UInt16 = out.isPictureIDLong ? 0x7FFF : 0x7F
            if let last = lastPictureID, (pictureID &- last) & circle > circle / 2 { return out }
            lastPictureID = pictureID
        }
        newest = out
        if let index = out.temporalLayerZeroIndex { lastTemporalLayerZeroIndex = index }
        if let index = out.keyIndex { lastKeyIndex = index }
        return out
    }

    /// The descriptor of a key frame that comes from no source, of the same fields as those before it; `nil` where
    /// there were none.
    mutating func insert() -> VP8PayloadDescriptor? {
        guard var next = newest else { return nil }
        next.isPartitionStart = true
        next.partitionIndex = 0
        next.isNonReference = false
        next.isLayerSync = false
        if next.temporalID != nil { next.temporalID = 0 }
        if let pictureID = next.pictureID { next.pictureID = (pictureID &+ 1) & (next.isPictureIDLong ? 0x7FFF : 0x7F) }
        if let index = next.temporalLayerZeroIndex { next.temporalLayerZeroIndex = index &+ 1 }
        if let index = next.keyIndex { next.keyIndex = (index &+ 1) & 0x1F }
        newest = next
        lastPictureID = next.pictureID
        lastTemporalLayerZeroIndex = next.temporalLayerZeroIndex ?? lastTemporalLayerZeroIndex
        lastKeyIndex = next.keyIndex ?? lastKeyIndex
        return next
    }

    private func shift(_ descriptor: VP8PayloadDescriptor, leftOut: UInt16) -> VP8PayloadDescriptor {
        var out = descriptor
        if let pictureID = descriptor.pictureID {
            let circle: UInt16 = descriptor.isPictureIDLong ? 0x7FFF : 0x7F
            out.pictureID = (pictureID &+ offsets.pictureID &- leftOut) & circle
        }
        if let index = descriptor.temporalLayerZeroIndex {
            out.temporalLayerZeroIndex = index &+ offsets.temporalLayerZeroIndex
        }
        if let index = descriptor.keyIndex { out.keyIndex = (index &+ offsets.keyIndex) & 0x1F }
        return out
    }
}
