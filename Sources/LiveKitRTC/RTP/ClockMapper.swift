package import LiveKitCore

/// How the clocks of one stream hang together: its RTP timestamps, its sender's wall clock, and our timeline.
///
/// Each sender report ties a timestamp to the sender's wall clock. A line through the latest ones gives the rate at
/// which the stream's clock really runs; the report that came fastest ties the sender's wall clock to our timeline. A
/// report that lies off the line tells that the sender's wall clock was set or its stream began anew: only it counts
/// from then on.
///
/// - SeeAlso: [RFC 3550 §6.4.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
package struct ClockMapper: Sendable {
    private struct Point: Sendable {
        /// Timestamp units since the first point.
        var units: Double
        /// Seconds of the sender's wall clock since the first point.
        var seconds: Double
        /// Seconds on our timeline less those of the sender: the smaller, the faster the report came.
        var delay: Double
    }

    /// A report this far off the line is a new timeline.
    private static let jumpSeconds = 0.2
    /// No clock is off by more; a line steeper than that is made of noise.
    private static let largestDrift = 0.01
    /// Shorter, and what the senders round makes more than the drift.
    private static let shortestSpan = 1.0

    private let clockRate: Double
    /// Oldest first, at most `RTPLimits.clockPoints`.
    private var points: [Point] = []
    private var firstTimestamp: UInt32 = 0
    private var firstTime = NTPTimestamp(rawValue: 0)
    private var firstInstant = MediaInstant.start
    private var line: (units: Double, seconds: Double, secondsPerUnit: Double)?
    /// How often the mapping began anew.
    package private(set) var restartCount = 0

    package init(clockRate: UInt32) {
        self.clockRate = Double(max(clockRate, 1))
    }

    /// How much faster the stream's clock runs than the sender's wall clock, in parts of one; `nil` until there is
    /// enough to tell.
    package var drift: Double? {
        guard let line, span >= Self.shortestSpan else { return nil }
        return 1 / (line.secondsPerUnit * clockRate) - 1
    }

    /// Notes a report that came at `now`. One that is older than those before is passed over.
    package mutating func receive(_ report: SenderReport, now: MediaInstant) {
        // A sender without a wall clock says zero.
        guard report.timestamp.rawValue != 0 else { return }
        if let last = points.last {
            let units = offset(of: report.rtpTimestamp)
            let seconds = self.seconds(of: report.timestamp)
            let expected = secondsOnLine(units)
            if abs(seconds - expected) > Self.jumpSeconds {
                restart(report, now: now)
                restartCount += 1
                return
            }
            guard seconds > last.seconds, units > last.units else { return }
            append(units: units, seconds: seconds, now: now)
        } else {
            restart(report, now: now)
        }
    }

    /// What the sender's wall clock showed at an RTP timestamp.
    package func senderTime(of timestamp: UInt32) -> NTPTimestamp? {
        guard line != nil else { return nil }
        let seconds = secondsOnLine(offset(of: timestamp))
        return NTPTimestamp(
            rawValue: firstTime.rawValue &+ UInt64(bitPattern: Int64((seconds * 4_294_967_296).rounded())))
    }

    /// The RTP timestamp when the sender's wall clock showed a time.
    package func timestamp(at time: NTPTimestamp) -> UInt32? {
        guard let line else { return nil }
        let units = line.units + (seconds(of: time) - line.seconds) / line.secondsPerUnit
        return firstTimestamp &+ UInt32(truncatingIfNeeded: Int64(units.rounded()))
    }

    /// When, on our timeline, something sent at an RTP timestamp would have come over the fastest path.
    package func localTime(of timestamp: UInt32) -> MediaInstant? {
        guard let delay = leastDelay else { return nil }
        return instant(secondsOnLine(offset(of: timestamp)) + delay)
    }

    /// The RTP timestamp of what comes at an instant over the fastest path.
    package func timestamp(at instant: MediaInstant) -> UInt32? {
        guard let line, let delay = leastDelay else { return nil }
        let seconds = (instant - firstInstant).seconds - delay
        let units = line.units + (seconds - line.seconds) / line.secondsPerUnit
        return firstTimestamp &+ UInt32(truncatingIfNeeded: Int64(units.rounded()))
    }

    private var span: Double { (points.last?.seconds ?? 0) - (points.first?.seconds ?? 0) }

    private var leastDelay: Double? { points.map(\.delay).min() }

    private func instant(_ seconds: Double) -> MediaInstant {
        firstInstant + MediaDuration(nanoseconds: Int64((seconds * 1e9).rounded()))
    }

    /// Units since the first point, by the shortest way from the newest.
    private func offset(of timestamp: UInt32) -> Double {
        let newest = points.last?.units ?? 0
        let reference = firstTimestamp &+ UInt32(truncatingIfNeeded: Int64(newest))
        return newest + Double(Int32(bitPattern: timestamp &- reference))
    }

    /// Right across the wrap of 2036, too.
    private func seconds(of time: NTPTimestamp) -> Double {
        Double(Int64(bitPattern: time.rawValue &- firstTime.rawValue)) / 4_294_967_296
    }

    private func secondsOnLine(_ units: Double) -> Double {
        guard let line else { return 0 }
        return line.seconds + (units - line.units) * line.secondsPerUnit
    }

    private mutating func restart(_ report: SenderReport, now: MediaInstant) {
        points.removeAll(keepingCapacity: true)
        firstTimestamp = report.rtpTimestamp
        firstTime = report.timestamp
        firstInstant = now
        append(units: 0, seconds: 0, now: now)
    }

    private mutating func append(units: Double, seconds: Double, now: MediaInstant) {
        if points.count >= RTPLimits.clockPoints { points.removeFirst() }
        points.append(Point(units: units, seconds: seconds, delay: (now - firstInstant).seconds - seconds))
        fit()
    }

    /// The line of least squares; through the newest point at the nominal rate while there are too few.
    private mutating func fit() {
        guard let last = points.last else { return }
        var slope = 1 / clockRate
        guard points.count > 1, span >= Self.shortestSpan else {
            line = (last.units, last.seconds, slope)
            return
        }
        let count = Double(points.count)
        let units = points.reduce(0) { $0 + $1.units } / count
        let seconds = points.reduce(0) { $0 + $1.seconds } / count
        let covariance = points.reduce(0) { $0 + ($1.units - units) * ($1.seconds - seconds) }
        let variance = points.reduce(0) { $0 + ($1.units - units) * ($1.units - units) }
        if variance > 0, abs(covariance / variance / slope - 1) <= Self.largestDrift { slope = covariance / variance }
        line = (units, seconds, slope)
    }
}

extension ClockMapper {
    /// Something of a stream, and when it was played.
    package struct Playout: Sendable {
        package var timestamp: UInt32
        package var playedAt: MediaInstant

        package init(timestamp: UInt32, playedAt: MediaInstant) {
            self.timestamp = timestamp
            self.playedAt = playedAt
        }
    }

    /// How much later than `other` this stream plays what the same sender captured together: positive when this one
    /// should wait less, or the other more. `nil` until both have a report.
    package func lag(of playout: Playout, behind other: ClockMapper, _ otherPlayout: Playout) -> MediaDuration? {
        guard let mine = senderTime(of: playout.timestamp), let theirs = other.senderTime(of: otherPlayout.timestamp)
        else { return nil }
        let captured = Double(Int64(bitPattern: mine.rawValue &- theirs.rawValue)) / 4_294_967_296
        let played = playout.playedAt - otherPlayout.playedAt
        return played - MediaDuration(nanoseconds: Int64((captured * 1e9).rounded()))
    }
}
