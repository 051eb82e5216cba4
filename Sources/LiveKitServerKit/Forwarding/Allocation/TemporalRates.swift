internal import LiveKitCore
internal import LiveKitRTC

/// What the temporal layers of one incoming VP8 stream deliver, each with those below it: pictures each second, and their
/// share of the bytes. Noting a packet allocates nothing.
///
/// A window reaches from a picture of layer zero to another one two seconds later, so that it has whole patterns. Seconds
/// are the publisher's, by its timestamps: what a path holds up and lets go together is no faster.
struct TemporalRates {
    /// RFC 7741 §4.1.
    private static let clockRate = 90_000
    private static let window = 2 * clockRate
    /// A timestamp that jumps farther belongs to another line of them.
    private static let longestWindow = 10 * window
    /// A layer meets a wish by this share of it (LiveKit's tolerance).
    private static let tolerance = 0.9

    private var start: UInt32?
    private var pictures = SIMD4<UInt32>()
    private var bytes = SIMD4<UInt32>()
    /// Pictures each second by layer, those below included; `nil` until a window is over.
    private(set) var framesPerSecond: SIMD4<Double>?
    private var shares = SIMD4<Double>(repeating: 1)

    /// A packet came, of so many bytes of payload.
    mutating func note(_ descriptor: VP8PayloadDescriptor, timestamp: UInt32, payloadSize: Int) {
        guard let layer = descriptor.temporalID.map({ Int($0 & 3) }) else { return }
        let startsPicture = descriptor.isPartitionStart && descriptor.partitionIndex == 0
        if startsPicture, layer == 0 { turnWindow(at: timestamp) }
        guard start != nil else { return }
        if startsPicture { pictures[layer] &+= 1 }
        bytes[layer] &+= UInt32(truncatingIfNeeded: payloadSize + BitrateSharing.packetOverhead)
    }

    /// The lowest layer that delivers what is wished for; `nil` where all have to.
    func layer(for wish: UInt32) -> UInt8? {
        guard wish > 0, let framesPerSecond else { return nil }
        for layer in 0..<framesPerSecond.scalarCount
        where Double(wish) * Self.tolerance <= framesPerSecond[layer] {
            return UInt8(layer)
        }
        return nil
    }

    /// What the layers up to the one that is enough for a wish take of the whole stream, 0 to 1.
    func share(for wish: UInt32) -> Double { layer(for: wish).map { shares[Int($0)] } ?? 1 }

    private mutating func turnWindow(at timestamp: UInt32) {
        let elapsed = start.map { Int(Int32(bitPattern: timestamp &- $0)) }
        if let elapsed, abs(elapsed) < Self.window { return }
        if let elapsed, (Self.window...Self.longestWindow).contains(elapsed) {
            framesPerSecond = Self.sums(pictures) * (Double(Self.clockRate) / Double(elapsed))
            let total = Self.sums(bytes)
            shares = total / max(total[3], 1)
        }
        start = timestamp
        pictures = .zero
        bytes = .zero
    }

    private static func sums(_ counts: SIMD4<UInt32>) -> SIMD4<Double> {
        var sums = SIMD4<Double>(counts)
        for layer in 1..<sums.scalarCount { sums[layer] += sums[layer - 1] }
        return sums
    }
}
