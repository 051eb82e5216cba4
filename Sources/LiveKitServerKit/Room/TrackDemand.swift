internal import LiveKitCore

/// How much of a published track anybody wants.
enum WantedQuality: Int, Comparable, Sendable {
    case off, low, medium, high

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What subscribers want of one published track, and what of it the publisher was told last (dynacast).
///
/// More is told at once, less after a while, so that somebody who only scrolls past costs no key frame. As long as
/// nobody has subscribed the publisher sends everything, and is told to stop when that takes too long.
struct TrackDemand: Sendable {
    /// How long less must be wanted until that is told.
    private let pauseDelay: MediaDuration
    /// When the publisher is told even if nobody came.
    private let firstReportAt: MediaInstant?
    private var wanted = WantedQuality.off
    /// `nil` before anything was told.
    private(set) var told: WantedQuality?
    private var lessDueAt: MediaInstant?

    init(pauseDelay: MediaDuration, firstReportAt: MediaInstant?) {
        self.pauseDelay = pauseDelay
        self.firstReportAt = firstReportAt
    }

    /// Takes what is wanted now. Returns whether ``told`` is new, and the publisher to be told.
    mutating func want(_ quality: WantedQuality, now: MediaInstant) -> Bool {
        wanted = quality
        guard let told, quality <= told else { return commit() }
        guard quality < told else {
            lessDueAt = nil
            return false
        }
        lessDueAt = lessDueAt ?? now + pauseDelay
        return handleTimeout(now: now)
    }

    /// Returns whether ``told`` is new because time has passed.
    mutating func handleTimeout(now: MediaInstant) -> Bool {
        let due = told == nil ? firstReportAt : lessDueAt
        guard let due, now >= due else { return false }
        return commit()
    }

    /// Takes what is wanted now as told, without waiting. Returns whether there is anything to tell.
    mutating func hurry() -> Bool {
        told != nil && commit()
    }

    private mutating func commit() -> Bool {
        told = wanted
        lessDueAt = nil
        return true
    }
}
