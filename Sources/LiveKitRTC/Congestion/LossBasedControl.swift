internal import LiveKitCore

/// Limits the rate where losses say that more is sent than the path carries, and only there.
///
/// A path may lose packets whatever is sent (a radio link), or because too much is sent (a short queue). Each quarter
/// of a second of sending is an observation: so many packets at such a rate, so many of them lost. A bandwidth `B`
/// explains it with an inherent loss `p` if at a sending rate `s` the share `p + (1 - p) · max(0, s - B) / s` is lost.
/// For each of a few candidates the likeliest `p` is taken. The highest candidate that a likelihood-ratio test at 95 %
/// does not refute is the limit; growth needs a candidate that is no worse than the best at all, which keeps the limit
/// from swinging on noise.
///
/// High bandwidth and high inherent loss together are less believable than either alone: `p` is at most
/// `5 % + 75 kbit/s / B`. That is what makes a call at 20 % loss settle at half a megabit.
///
/// The facts are those of libwebrtc's second loss-based estimator; its nine weights are here one test with a meaning.
package struct LossBasedControl: Sendable {
    private struct Observation: Sendable {
        var packets = 0.0
        var lost = 0.0
        var rate = 0.0
    }

    private static let observationTime: MediaDuration = .milliseconds(250)
    private static let observationCount = 20
    /// How much less an observation counts than the one after it.
    private static let fading = 0.9
    /// Half the 95 % quantile of χ² with one degree of freedom.
    private static let refutation = 1.92
    private static let tie = 0.001
    private static let factors = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]
    /// 8 % each second.
    private static let growth = 1.02
    private static let lossAtAnyBandwidth = 0.05
    private static let believableExcess = 75_000.0
    /// Losses below are no limit, whatever the candidates say.
    private static let harmlessLoss = 0.02
    private static let newtonSteps = 4
    /// A limit is no reason to let the delay's rate stand higher than this many times.
    package static let headroom = 1.5

    /// The most that the losses allow; ``Bitrate/unlimited`` while they limit nothing.
    package private(set) var limit = Bitrate.unlimited
    /// The share of packets lost lately.
    package private(set) var lossRatio = 0.0

    private var observations = [Observation](repeating: Observation(), count: observationCount)
    private var count = 0
    private var partial = Observation()
    private var partialBytes = 0
    private var partialStart: MediaInstant?
    private var partialEnd = MediaInstant.start

    package init() {}

    package var isLimiting: Bool { limit < .unlimited }

    /// Counts packets. Returns whether an observation is complete, and ``update(delayRate:acknowledged:floor:)`` due.
    package mutating func receive(_ result: PacketResult) -> Bool {
        if result.wasReportedLost {
            // It was only late.
            partial.lost = max(0, partial.lost - 1)
            return false
        }
        let start = partialStart ?? result.sentAt
        partialStart = start
        partialEnd = max(partialEnd, result.sentAt)
        partial.packets += 1
        if result.receivedAt == nil { partial.lost += 1 }
        partialBytes += result.byteCount
        guard partialEnd - start >= Self.observationTime else { return false }
        partial.rate = Double(partialBytes) * 8 / (partialEnd - start).seconds
        observations[count % Self.observationCount] = partial
        count += 1
        partial = Observation()
        partialBytes = 0
        partialStart = partialEnd
        return true
    }

    /// Judges what was observed. `delayRate` is what the delay allows.
    package mutating func update(delayRate: Bitrate, acknowledged: Bitrate?, floor: Bitrate) {
        lossRatio = weightedLoss
        guard lossRatio > Self.harmlessLoss else {
            limit = .unlimited
            return
        }
        let base = max(Double(min(limit, delayRate).bitsPerSecond), 1)
        let grown = growable(base, acknowledged: acknowledged)
        var best = max(logLikelihood(base), logLikelihood(grown))
        for factor in Self.factors { best = max(best, logLikelihood(base * factor)) }
        if logLikelihood(grown) >= best - Self.tie {
            setLimit(grown, delayRate: delayRate)
        } else if logLikelihood(base) >= best - Self.refutation {
            setLimit(base, delayRate: delayRate)
        } else {
            let chosen = Self.factors.last { logLikelihood(base * $0) >= best - Self.refutation }
            // What got through the path can carry.
            let proven = Double(max(acknowledged ?? .zero, floor).bitsPerSecond)
            limit = Bitrate(min(base, max(base * (chosen ?? Self.decreaseFloor), proven)))
        }
    }

    private static let decreaseFloor = 0.5

    package mutating func reset() {
        self = Self()
    }

    /// A limit at the delay's rate is none.
    private mutating func setLimit(_ value: Double, delayRate: Bitrate) {
        let next = Bitrate(value)
        limit = next >= delayRate ? .unlimited : next
    }

    private func growable(_ base: Double, acknowledged: Bitrate?) -> Double {
        guard let acknowledged else { return base }
        return max(base, min(base * Self.growth, Double(acknowledged.bitsPerSecond) * Self.headroom + 10_000))
    }

    private var weightedLoss: Double {
        var packets = 0.0
        var lost = 0.0
        forEachObservation { observation, weight in
            packets += weight * observation.packets
            lost += weight * observation.lost
        }
        return packets > 0 ? lost / packets : 0
    }

    /// How well a bandwidth explains the observations, with the inherent loss that suits it best.
    private func logLikelihood(_ bandwidth: Double) -> Double {
        let ceiling = Self.lossAtAnyBandwidth + Self.believableExcess / bandwidth
        let inherent = likeliestLoss(bandwidth, ceiling: min(ceiling, 0.999))
        var sum = 0.0
        forEachObservation { observation, weight in
            let loss = Self.clamped(Self.loss(at: observation.rate, bandwidth: bandwidth, inherent: inherent))
            let arrived = observation.packets - observation.lost
            sum += weight * (observation.lost * logarithm(loss) + arrived * logarithm(1 - loss))
        }
        return sum
    }

    /// Newton's method on the likelihood's derivative; the likelihood is concave in the inherent loss.
    private func likeliestLoss(_ bandwidth: Double, ceiling: Double) -> Double {
        var inherent = min(max(lossRatio, 0.0001), ceiling)
        for _ in 0..<Self.newtonSteps {
            var first = 0.0
            var second = 0.0
            forEachObservation { observation, weight in
                let loss = Self.clamped(Self.loss(at: observation.rate, bandwidth: bandwidth, inherent: inherent))
                let share = min(1, bandwidth / max(observation.rate, 1))
                let arrived = observation.packets - observation.lost
                first += weight * share * (observation.lost / loss - arrived / (1 - loss))
                second -=
                    weight * share * share
                    * (observation.lost / (loss * loss) + arrived / ((1 - loss) * (1 - loss)))
            }
            guard second < 0 else { break }
            inherent = min(max(inherent - first / second, 0.0001), ceiling)
        }
        return inherent
    }

    private static func loss(at rate: Double, bandwidth: Double, inherent: Double) -> Double {
        guard rate > bandwidth else { return inherent }
        return inherent + (1 - inherent) * (rate - bandwidth) / rate
    }

    private static func clamped(_ probability: Double) -> Double {
        min(max(probability, 1e-6), 1 - 1e-6)
    }

    /// The newest first, with weight one.
    private func forEachObservation(_ body: (Observation, Double) -> Void) {
        var weight = 1.0
        for back in 0..<min(count, Self.observationCount) {
            body(observations[(count - 1 - back) % Self.observationCount], weight)
            weight *= Self.fading
        }
    }

    /// The natural logarithm of a positive number: the engine links no mathematics library for this one function.
    private func logarithm(_ value: Double) -> Double {
        let mantissa = value.significand
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        // 2 artanh(ratio), |ratio| ≤ 1/3: the next term is below 10⁻⁷.
        let series = 1 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7 + square * (1.0 / 9 + square / 11))))
        return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * ratio * series
    }
}
