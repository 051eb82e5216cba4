internal import CLiveKitSystem
internal import Glibc
internal import Synchronization

/// One dedicated thread with an epoll set, its sockets and its timers: the only place that opens media
/// sockets and reads the media clock.
///
/// Whatever lives on the loop is a ``MediaSession`` or reached through ``execute(_:)``; commands queue
/// under a lock that is taken once for each burst, never for a packet.
package final class MediaLoop: Sendable {
    /// A command runs on the loop's thread and may use everything that is confined to it.
    package typealias Command = @Sendable (MediaLoopCore) -> Void

    /// Commands waiting at most. A loop that cannot keep up with control traffic is stuck; further commands
    /// are dropped and counted rather than eat the memory.
    private static let commandLimit = 65_536

    private struct Mailbox {
        var commands: [Command] = []
        var isStopped = false
        var dropped = 0
    }

    private let mailbox = Mutex(Mailbox())
    private let wakeUp: CInt
    private let label: String

    package init(label: String) {
        self.label = label
        wakeUp = lk_eventfd_create()
        MediaThread.start(label: label) { [self] in run(MediaLoopCore(wakeUp: wakeUp)) }
    }

    deinit {
        lk_close(wakeUp)
    }

    /// Runs `command` on the loop's thread, after those handed in before it. Never blocks.
    package func execute(_ command: @escaping Command) {
        let wasEmpty = mailbox.withLock { box in
            guard !box.isStopped, box.commands.count < Self.commandLimit else {
                box.dropped += 1
                return false
            }
            box.commands.append(command)
            return box.commands.count == 1
        }
        if wasEmpty { lk_eventfd_signal(wakeUp) }
    }

    /// Runs `body` on the loop and gives its result back; `nil` when the loop has stopped, or stops before it
    /// comes to it.
    package func perform<Result: Sendable>(_ body: @escaping @Sendable (MediaLoopCore) -> Result) async -> Result? {
        await withCheckedContinuation { continuation in
            let reply = PendingReply(continuation)
            execute { core in reply.resume(returning: body(core)) }
        }
    }

    /// Returns when the commands handed in so far are done and what they sent has left.
    package func drain() async {
        _ = await perform { $0.flush() }
    }

    /// Ends the thread after the commands handed in so far.
    package func stop() {
        execute { $0.isRunning = false }
    }

    private func run(_ core: MediaLoopCore) {
        var commands: [Command] = []
        while core.isRunning {
            core.waitAndReceive()
            mailbox.withLock { swap(&$0.commands, &commands) }
            for command in commands { command(core) }
            commands.removeAll(keepingCapacity: true)
            core.finishTurn()
        }
        core.closeAll()
        // What was handed in too late goes outside of the lock: it may hold anything.
        mailbox.withLock {
            $0.isStopped = true
            swap(&$0.commands, &commands)
        }
        commands.removeAll()
    }
}

/// An answer that somebody waits for. When its command is dropped, the answer is `nil`.
private final class PendingReply<Result: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result?, Never>?>

    init(_ continuation: CheckedContinuation<Result?, Never>) {
        self.continuation = Mutex(continuation)
    }

    deinit {
        resume(returning: nil)
    }

    func resume(returning result: Result?) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: result)
    }
}
