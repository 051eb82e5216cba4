package import LiveKitCore

/// Decides from the level of each audio packet whether somebody speaks, and how loud.
///
/// Levels are gathered over windows. A window is active when enough of it was at least as loud as the threshold; its
/// loudness is its loudest level, weighed by the active share, and smoothed over windows.
///
/// - SeeAlso: [RFC 6464](https://www.rfc-editor.org/rfc/rfc6464) for the levels.
package struct AudioLevelDetector: Sendable {
    package struct Configuration: Sendable {
        /// The quietest level that counts as activity, in decibels below overload.
        package var activeLevel: UInt8 = 35
        /// How much of a window must be active, in percent.
        package var minimumPercentile: Int64 = 40
        package var updateInterval: MediaDuration = .milliseconds(400)
        /// Over how many windows the level is smoothed; zero and one mean not at all.
        package var smoothIntervals = 2

        package init() {}
    }

    package struct State: Hashable, Sendable {
        /// Linear, 0...1, in steps of an eighth.
        package var level: Double
        package var isActive: Bool
    }

    /// 10 to the power of -1/20: one decibel less.
    private static let decibel = 0.891250938133745

    private let configuration: Configuration
    private var observed: MediaDuration = .zero
    private var active: MediaDuration = .zero
    private var loudest: UInt8 = 127
    private var smoothed = 0.0
    private var isActive = false
    private var lastAt: MediaInstant?

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// Notes one packet's level and length.
    package mutating func observe(level: UInt8, duration: MediaDuration, now: MediaInstant) {
        expire(now: now)
        lastAt = now
        let duration = min(max(duration, .zero), configuration.updateInterval)
        observed = observed + duration
        if level <= configuration.activeLevel {
            active = active + duration
            loudest = min(loudest, level)
        }
        if observed >= configuration.updateInterval { finishWindow() }
    }

    /// What the finished windows say; silence once nothing came for two of them.
    package mutating func state(now: MediaInstant) -> State {
        expire(now: now)
        return State(level: (smoothed * 8).rounded(.up) / 8, isActive: isActive)
    }

    private mutating func finishWindow() {
        let needed = configuration.updateInterval * configuration.minimumPercentile / 100
        isActive = active >= needed
        // 10^(-(loudest - 20 log10(share)) / 20) is the same as this product.
        let share = min(active.seconds / configuration.updateInterval.seconds, 1)
        let linear = isActive ? Self.linear(loudest) * share : 0
        let weight = configuration.smoothIntervals > 1 ? 2 / Double(configuration.smoothIntervals + 1) : 1
        // Silence shows at once; only loudness is smoothed.
        smoothed = isActive ? smoothed + (linear - smoothed) * weight : 0
        resetWindow()
    }

    private mutating func expire(now: MediaInstant) {
        guard let lastAt, now - lastAt > configuration.updateInterval * 2 else { return }
        self.lastAt = nil
        smoothed = 0
        isActive = false
        resetWindow()
    }

    private mutating func resetWindow() {
        observed = .zero
        active = .zero
        loudest = 127
    }

    private static func linear(_ level: UInt8) -> Double {
        var value = 1.0
        for _ in 0..<level { value *= decibel }
        return value
    }
}
