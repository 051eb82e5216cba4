package import LiveKitCore

/// Records when a transport's packets arrive, and reports it to their sender for its congestion control.
///
/// A report is due 100 ms after the one before, 50 ms after it once a frame has ended, or when more than a hundred
/// packets wait. Between reports no packet is forgotten: each starts where the one before ended, or earlier if a
/// packet came late.
///
/// - SeeAlso: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.
package struct TransportFeedbackGenerator: Sendable {
    private struct Arrival: Sendable {
        var number: Int64
        /// Units of 250 µs.
        var ticks: Int64
    }

    private static let interval: MediaDuration = .milliseconds(100)
    private static let intervalAfterMarker: MediaDuration = .milliseconds(50)
    private static let forcingCount = 100
    private static let ticksInReference: Int64 = 256

    private var extender = SequenceExtender()
    /// Ascending by number, at most `RTPLimits.feedbackArrivals`.
    private var arrivals: [Arrival] = []
    /// One past the last packet that was reported on.
    private var windowStart: Int64?
    private var lastFeedbackAt: MediaInstant?
    private var hasMarker = false
    private var feedbackCount: UInt8 = 0
    /// Arrivals that were forgotten because nobody polled.
    package private(set) var droppedCount: UInt64 = 0
    /// When a report is due.
    package private(set) var deadline: MediaInstant?

    package init() {
        arrivals.reserveCapacity(RTPLimits.feedbackArrivals + 1)
    }

    /// Notes a packet's arrival. `marker` is its marker bit: the end of a frame.
    package mutating func receive(_ sequenceNumber: SequenceNumber, marker: Bool, now: MediaInstant) {
        let number = extender.extend(sequenceNumber)
        insert(Arrival(number: number, ticks: now.nanoseconds / 250_000))
        hasMarker = hasMarker || marker
        let last = lastFeedbackAt ?? now
        lastFeedbackAt = last
        if arrivals.count > Self.forcingCount {
            deadline = now
        } else {
            let due = last + (hasMarker ? Self.intervalAfterMarker : Self.interval)
            deadline = min(deadline ?? due, max(due, now))
        }
    }

    /// The report that is due, or `nil`. Call until it returns `nil`: a long gap takes several.
    package mutating func poll(now: MediaInstant, sender: SSRC, media: SSRC) -> TransportFeedback? {
        guard let deadline, deadline <= now, let first = arrivals.first else { return nil }
        var base = first.number
        if let windowStart, windowStart < base, base - windowStart < Int64(RTPLimits.feedbackSpan) {
            base = windowStart
        }
        let reference = first.ticks / Self.ticksInReference
        var listed: [TransportFeedback.Arrival] = []
        listed.reserveCapacity(min(arrivals.count, RTPLimits.arrivalsInFeedback))
        var ticks = reference * Self.ticksInReference
        for arrival in arrivals.prefix(RTPLimits.arrivalsInFeedback) {
            guard arrival.number - base < Int64(RTPLimits.feedbackSpan),
                let delta = Int16(exactly: arrival.ticks - ticks)
            else { break }
            listed.append(.init(offset: UInt16(truncatingIfNeeded: arrival.number - base), delta: delta))
            ticks = arrival.ticks
        }
        let end = arrivals[listed.count - 1].number + 1
        arrivals.removeFirst(listed.count)
        windowStart = max(windowStart ?? end, end)
        defer { feedbackCount &+= 1 }
        lastFeedbackAt = now
        if arrivals.isEmpty {
            self.deadline = nil
            hasMarker = false
        }
        return TransportFeedback(
            sender: sender, media: media, base: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: base)),
            statusCount: UInt16(truncatingIfNeeded: end - base),
            referenceTime: Int32(truncatingIfNeeded: (reference << 40) >> 40), feedbackCount: feedbackCount,
            arrivals: listed)
    }

    private mutating func insert(_ arrival: Arrival) {
        var index = arrivals.count
        while index > 0, arrivals[index - 1].number > arrival.number { index -= 1 }
        if index > 0, arrivals[index - 1].number == arrival.number { return }
        arrivals.insert(arrival, at: index)
        guard arrivals.count > RTPLimits.feedbackArrivals else { return }
        arrivals.removeFirst()
        droppedCount += 1
    }
}
