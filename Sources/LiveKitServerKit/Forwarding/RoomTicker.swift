internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// Gives a room its beat on the loop's timer queue.
final class RoomTicker: MediaSession {
    private let interval: MediaDuration
    private unowned let core: MediaLoopCore
    /// Weak: a room that is let go without being closed is one that has no beat any more.
    private weak var room: RoomForwarder?
    private var index: Int?
    private(set) var deadline: MediaInstant?

    init(core: MediaLoopCore, room: RoomForwarder) {
        self.core = core
        self.room = room
        interval = room.environment.settings.audioLevels.updateInterval
        deadline = core.now + interval
        index = core.add(self, socket: -1, ufrag: nil)
    }

    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        false
    }

    func handleTimeout(now: MediaInstant) {
        guard let due = deadline, due <= now else { return }
        guard let room else { return close() }
        deadline = now + interval
        room.tick(now: now)
    }

    func close() {
        if let index { core.removeSession(index, socket: -1) }
        index = nil
        deadline = nil
    }
}
