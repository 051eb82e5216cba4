internal import LiveKitCore

/// Leaves out whole frames of a data track, so that at most so many pass in each second.
struct FrameThinner {
    /// `nil` lets all pass.
    var framesPerSecond: UInt32?
    private var frame: (number: UInt16, passes: Bool)?
    private var nextAt: MediaInstant?

    init(framesPerSecond: UInt32?) {
        self.framesPerSecond = framesPerSecond
    }

    /// Whether a packet passes: all of one frame, or none.
    mutating func passes(_ header: DataTrackHeader, now: MediaInstant) -> Bool {
        guard let framesPerSecond, framesPerSecond > 0 else { return true }
        if let frame, frame.number == header.frameNumber { return frame.passes }
        let interval = MediaDuration(nanoseconds: 1_000_000_000 / Int64(framesPerSecond))
        let isDue = nextAt.map { now >= $0 } ?? true
        frame = (header.frameNumber, isDue)
        guard isDue else { return false }
        // Keeps the pace over frames that come a little late, and does not make up for a pause.
        let due = nextAt ?? now
        nextAt = max(due + interval, now + interval / 2)
        return true
    }
}
