internal import LiveKitCore

/// Leaves the pictures of higher temporal layers of a VP8 stream out, whole and so that what remains can be decoded.
///
/// Layer zero always passes. A picture of a higher layer passes where nothing that it may depend on was left out: it
/// says that it depends on layer zero alone (Y), or of no layer up to its own anything was left out since such a picture
/// or a key frame. Streams that do not number their pictures pass whole.
///
/// - SeeAlso: [RFC 7741 §4.2](https://www.rfc-editor.org/rfc/rfc7741#section-4.2): TID, Y, N and PictureID.
struct TemporalFilter {
    /// Above every layer that two bits can name.
    static let noLimit: UInt8 = 3
    /// Encoders that mark no picture to go up at are asked for a key frame instead, after as long as others take to.
    private static let patience: MediaDuration = .seconds(2)

    private var newest: (picture: UInt16, number: Int64)?
    /// Bit n: the picture n before the newest one was left out.
    private var leftOut: UInt64 = 0
    private var leftOutCount: UInt16 = 0
    /// Bit n: of layer n nothing was left out that a later picture may depend on.
    private var whole = UInt8.max
    /// The highest layer that waits for a picture to go up at.
    private var waiting: (layer: UInt8, since: MediaInstant)?

    /// Whether a packet passes, where layers up to `limit` are to. `number` is the packet's own, extended.
    mutating func passes(
        _ descriptor: VP8PayloadDescriptor, number: Int64, startsKeyframe: Bool, limit: UInt8, now: MediaInstant
    ) -> Bool {
        guard let picture = descriptor.pictureID, let layer = descriptor.temporalID else { return true }
        if startsKeyframe {
            whole = .max
            waiting = nil
        }
        let known = newest ?? (picture &- 1, .min)
        // What was lost before cannot be told apart any more from what was to pass: it passes, so that no gap remains.
        guard number > known.number else { return leftOut >> age(of: descriptor, before: known.picture) & 1 == 0 }
        newest = (picture, number)
        let step = (picture &- known.picture) & Self.circle(descriptor)
        guard step != 0 else { return leftOut & 1 == 0 }
        // One that goes back is of an encoder that began anew.
        leftOut = step <= Self.circle(descriptor) / 2 ? leftOut << step : 0
        if isDecodable(descriptor, layer: layer, limit: limit, now: now) { return true }
        leftOut |= 1
        leftOutCount &+= 1
        return false
    }

    /// How many pictures were left out before that of a packet that passes, around 2^16.
    func leftOutCount(before descriptor: VP8PayloadDescriptor) -> UInt16 {
        guard let newest else { return leftOutCount }
        let age = age(of: descriptor, before: newest.picture)
        guard age > 0, age < UInt64.bitWidth else { return leftOutCount }
        return leftOutCount &- UInt16(truncatingIfNeeded: (leftOut & ((1 << age) - 1)).nonzeroBitCount)
    }

    /// Whether a layer within the limit has waited for too long for a picture to go up at.
    func needsKeyframe(now: MediaInstant) -> Bool { waiting.map { now - $0.since >= Self.patience } ?? false }

    private mutating func isDecodable(
        _ descriptor: VP8PayloadDescriptor, layer: UInt8, limit: UInt8, now: MediaInstant
    ) -> Bool {
        if let waiting, waiting.layer > limit { self.waiting = nil }
        guard layer > 0 else { return true }
        let own: UInt8 = 1 << layer
        if layer <= limit {
            if descriptor.isLayerSync {
                if !descriptor.isNonReference { whole |= own }
                return true
            }
            let needed = own | (own - 1)
            if whole & needed == needed {
                if let waiting, waiting.layer <= layer { self.waiting = nil }
                return true
            }
            waiting = (max(layer, waiting?.layer ?? 0), waiting?.since ?? now)
        }
        // N: no other picture depends on it.
        if !descriptor.isNonReference { whole &= ~own }
        return false
    }

    /// How many pictures ago a packet's was; of one that is newer nearly all of the circle.
    private func age(of descriptor: VP8PayloadDescriptor, before newest: UInt16) -> Int {
        Int((newest &- (descriptor.pictureID ?? newest)) & Self.circle(descriptor))
    }

    private static func circle(_ descriptor: VP8PayloadDescriptor) -> UInt16 {
        descriptor.isPictureIDLong ? 0x7FFF : 0x7F
    }
}
