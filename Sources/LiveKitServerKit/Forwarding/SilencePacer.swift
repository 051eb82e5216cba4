internal import LiveKitCore
internal import LiveKitRTCTransport

/// Lets muted tracks end in silence, a frame at a time. Confined to its loop.
final class SilencePacer: MediaSession {
    private unowned let core: MediaLoopCore
    private var index: Int?
    private var tracks: [DownTrack] = []
    private(set) var deadline: MediaInstant?

    init(core: MediaLoopCore) {
        self.core = core
        index = core.add(self, socket: -1, ufrag: nil)
    }

    /// Has the track send a frame now and then, until it says that it was the last.
    func add(_ track: DownTrack) {
        guard !tracks.contains(where: { $0 === track }) else { return }
        tracks.append(track)
        guard deadline == nil, let index else { return }
        deadline = core.now
        core.reschedule(index)
    }

    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        false
    }

    func handleTimeout(now: MediaInstant) {
        guard let due = deadline, due <= now else { return }
        tracks.removeAll { !$0.sendSilence(now: now) }
        // Keeps the pace, but does not make up for a loop that was late.
        deadline = tracks.isEmpty ? nil : max(due + BlankFrame.silence.duration, now)
    }

    func close() {
        if let index { core.removeSession(index, socket: -1) }
        index = nil
        tracks.removeAll()
        deadline = nil
    }
}
