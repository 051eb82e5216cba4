internal import LiveKitCore
internal import LiveKitRTC

/// How fast what waits on a data channel leaves: the bytes that went while anything waited, over the last two seconds.
///
/// A channel that nothing waits on says nothing of its path, so that such times count for nothing.
struct DrainRate {
    private struct Window {
        var startedAt: MediaInstant
        var bytes = 0
        var busy = MediaDuration.zero
    }

    private static let windowLength = MediaDuration.milliseconds(100)
    private static let span = MediaDuration.seconds(2)

    /// Oldest first; no more than ``span`` holds.
    private var windows: [Window] = []
    private var lastAt: MediaInstant?
    private var lastBuffered = 0

    /// Notes that `written` bytes were given to the channel, on which `buffered` wait now, those among them.
    mutating func note(written: Int, buffered: Int, now: MediaInstant) {
        let drained = max(0, written - (buffered - lastBuffered))
        let busy = buffered > written ? lastAt.map { max(.zero, now - $0) } ?? .zero : .zero
        (lastAt, lastBuffered) = (now, buffered)
        windows.removeAll { now - $0.startedAt > Self.span }
        if windows.last.map({ now - $0.startedAt >= Self.windowLength }) ?? true {
            windows.append(Window(startedAt: now))
        }
        windows[windows.count - 1].bytes += drained
        windows[windows.count - 1].busy = windows[windows.count - 1].busy + busy
    }

    /// `nil` where nothing waited lately.
    func rate(now: MediaInstant) -> Bitrate? {
        var recent = Window(startedAt: now)
        for window in windows where now - window.startedAt <= Self.span {
            recent.bytes += window.bytes
            recent.busy = recent.busy + window.busy
        }
        guard recent.busy > .zero else { return nil }
        return Bitrate(Double(recent.bytes * 8) / recent.busy.seconds)
    }
}
