package import LiveKitCore

/// Tells from the variations of the delay whether a queue grows: a line through the last twenty smoothed delays, whose
/// slope is compared with a threshold that adapts itself.
///
/// The threshold follows the slopes that occur, so that flows with other kinds of control, which keep queues at
/// work, do not push this one aside; a slope far above it, as of a sudden jump, does not count for that.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §5.3, §5.4; Carlucci et al., "Analysis and Design of the Google Congestion
///   Control for Web Real-time Communication", 2016.
package struct DelayTrend: Sendable {
    private static let sampleCount = 20
    private static let smoothing = 0.9
    /// How strongly the slope counts against the threshold.
    private static let gain = 4.0
    /// Slopes of a young line count for less.
    private static let fullWeightCount = 60
    /// How long a slope must stay above the threshold.
    private static let overuseTime: MediaDuration = .milliseconds(10)
    private static let initialThreshold = 12.5
    private static let thresholds = 6.0...600.0
    private static let thresholdGainUp = 0.0087
    private static let thresholdGainDown = 0.039
    /// A slope farther above the threshold is a jump.
    private static let largestDeviation = 15.0
    private static let longestThresholdStep = 100.0

    package private(set) var use = NetworkUse.normal

    private var times = [Double](repeating: 0, count: sampleCount)
    private var delays = [Double](repeating: 0, count: sampleCount)
    private var count = 0
    private var accumulated = 0.0
    private var smoothed = 0.0
    private var firstArrival: MediaInstant?
    private var lastTrend = 0.0
    private var threshold = initialThreshold
    private var thresholdUpdatedAt: MediaInstant?
    private var timeOver: MediaDuration?
    private var timesOver = 0

    package init() {}

    package mutating func update(_ variation: ArrivalGroups.Variation, now: MediaInstant) {
        let first = firstArrival ?? variation.arrivedAt
        firstArrival = first
        accumulated += variation.delay.seconds * 1000
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
        let index = count % Self.sampleCount
        times[index] = (variation.arrivedAt - first).seconds * 1000
        delays[index] = smoothed
        count += 1
        let trend = count < Self.sampleCount ? lastTrend : slope ?? lastTrend
        detect(trend, sending: variation.sending, now: now)
    }

    /// Forgets the samples, as after a silence. The threshold stays: it belongs to the path.
    package mutating func reset() {
        let (threshold, updatedAt) = (threshold, thresholdUpdatedAt)
        self = Self()
        (self.threshold, thresholdUpdatedAt) = (threshold, updatedAt)
    }

    /// The least-squares line's slope: milliseconds of delay gained for each millisecond.
    private var slope: Double? {
        let meanTime = times.reduce(0, +) / Double(Self.sampleCount)
        let meanDelay = delays.reduce(0, +) / Double(Self.sampleCount)
        var covariance = 0.0
        var variance = 0.0
        for index in 0..<Self.sampleCount {
            let time = times[index] - meanTime
            covariance += time * (delays[index] - meanDelay)
            variance += time * time
        }
        return variance > 0 ? covariance / variance : nil
    }

    private mutating func detect(_ trend: Double, sending: MediaDuration, now: MediaInstant) {
        let weighted = Double(min(count, Self.fullWeightCount)) * trend * Self.gain
        if weighted > threshold {
            noteOver(trend, sending: sending)
        } else {
            timeOver = nil
            timesOver = 0
            use = weighted < -threshold ? .underuse : .normal
        }
        lastTrend = trend
        adaptThreshold(to: weighted, now: now)
    }

    private mutating func noteOver(_ trend: Double, sending: MediaDuration) {
        // The slope began somewhere within the first group.
        timeOver = timeOver.map { $0 + sending } ?? sending / 2
        timesOver += 1
        guard let timeOver, timeOver > Self.overuseTime, timesOver > 1, trend >= lastTrend else { return }
        self.timeOver = .zero
        timesOver = 0
        use = .overuse
    }

    private mutating func adaptThreshold(to weighted: Double, now: MediaInstant) {
        let last = thresholdUpdatedAt ?? now
        thresholdUpdatedAt = now
        let magnitude = abs(weighted)
        guard magnitude <= threshold + Self.largestDeviation else { return }
        let gain = magnitude < threshold ? Self.thresholdGainDown : Self.thresholdGainUp
        let step = min((now - last).seconds * 1000, Self.longestThresholdStep)
        let next = threshold + gain * (magnitude - threshold) * step
        threshold = min(max(next, Self.thresholds.lowerBound), Self.thresholds.upperBound)
    }
}
