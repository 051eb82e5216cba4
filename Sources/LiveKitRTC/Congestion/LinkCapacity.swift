internal import LiveKitCore

/// What the path was seen to carry at most: the mean of the bitrates that got through while a queue grew, with how
/// much they scattered.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §5.5, "average max bit-rate".
package struct LinkCapacity: Sendable {
    private static let overuseWeight = 0.05
    private static let probeWeight = 0.5
    /// The variance in units of the mean, kilobit each second.
    private static let variances = 0.4...2.5
    private static let initialVariance = 0.4
    private static let deviations = 3.0

    private var mean: Double?
    private var variance = initialVariance

    package init() {}

    package var estimate: Bitrate? { mean.map { Bitrate($0 * 1000) } }
    /// Above this it is another path.
    package var upperBound: Bitrate {
        mean.map { Bitrate(($0 + Self.deviations * deviation($0)) * 1000) } ?? .unlimited
    }
    package var lowerBound: Bitrate { mean.map { Bitrate(($0 - Self.deviations * deviation($0)) * 1000) } ?? .zero }

    package mutating func noteOveruse(acknowledged: Bitrate) { update(acknowledged, weight: Self.overuseWeight) }
    package mutating func noteProbe(_ rate: Bitrate) { update(rate, weight: Self.probeWeight) }
    package mutating func reset() { mean = nil }

    private func deviation(_ mean: Double) -> Double { (variance * mean).squareRoot() }

    private mutating func update(_ rate: Bitrate, weight: Double) {
        let sample = Double(rate.bitsPerSecond) / 1000
        let next = mean.map { (1 - weight) * $0 + weight * sample } ?? sample
        mean = next
        let error = next - sample
        let updated = (1 - weight) * variance + weight * error * error / max(next, 1)
        variance = min(max(updated, Self.variances.lowerBound), Self.variances.upperBound)
    }
}
