internal import LiveKitCore

/// What the client of a single connection was asked for: sections that receive, and the offer that brings them.
///
/// The client makes the sections that it is asked for, each time anew; so none is asked for twice.
struct SectionRequests {
    struct Count: Equatable {
        var audio = 0
        var video = 0
    }

    private var requested = Count()
    private var requestedAt: MediaInstant?

    /// An offer that does not come is asked for again, as a lost one would be.
    static let patience: MediaDuration = .seconds(15)

    /// What is to be asked for where so many transceivers wait for a section; `nil` when that has been done.
    /// Nothing at all may be missing and an offer needed nevertheless, for what shall end.
    mutating func request(for waiting: Count, now: MediaInstant) -> Count? {
        let missing = Count(
            audio: max(0, waiting.audio - requested.audio), video: max(0, waiting.video - requested.video))
        if let requestedAt, missing == Count(), now - requestedAt < Self.patience { return nil }
        requested.audio += missing.audio
        requested.video += missing.video
        requestedAt = now
        return missing
    }

    /// What still waits now was not in the offer, and will be asked for again.
    mutating func offerAnswered() {
        requested = Count()
        requestedAt = nil
    }
}
