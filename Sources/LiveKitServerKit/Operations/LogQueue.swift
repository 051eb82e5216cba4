internal import Foundation
internal import NIOPosix
internal import Synchronization

/// Lines of the log on their way to a file or pipe whose reader may be slow, or not read at all.
///
/// Who logs never waits: a thread of the queue's own does the writing. What comes while ``capacity`` bytes wait is dropped
/// and counted, and the log says so once there is room again.
final class LogQueue: Sendable {
    /// Bytes that may wait. Some thousand lines: seconds of a busy server's `debug`, and little of its memory.
    static let capacity = 1 << 20

    private let file: FileHandle
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)
    /// Of those dropped, how many the log itself and the metrics have told.
    private let told = Atomic<Int>(0)
    private let counted = Atomic<Int>(0)

    init(_ file: FileHandle) {
        self.file = file
        thread.start()
    }

    /// Standard error.
    static let standardError = LogQueue(.standardError)

    deinit {
        thread.shutdownGracefully { _ in }
    }

    /// Queues a line, with its line feed.
    func write(_ line: String) {
        let size = line.utf8.count
        guard waiting.wrappingAdd(size, ordering: .relaxed).newValue <= Self.capacity else {
            waiting.wrappingSubtract(size, ordering: .relaxed)
            dropped.wrappingAdd(1, ordering: .relaxed)
            return
        }
        thread.submit { [self] state in
            if case .active = state { put(line) }
            waiting.wrappingSubtract(size, ordering: .relaxed)
        }
    }

    /// On the queue's thread. It may block for as long as the reader likes.
    private func put(_ line: String) {
        let lost = dropped.load(ordering: .relaxed)
        let news = lost - told.exchange(lost, ordering: .relaxed)
        let text = news > 0 ? "\(news) lines of the log were dropped: they were not read in time\n" + line : line
        do {
            try file.write(contentsOf: Data(text.utf8))
        } catch {
            // Closed, or set not to block by whoever shares it: this line is lost, and the next one may fare better.
            dropped.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// How many lines were dropped since the last call.
    func takeDropped() -> Int {
        let lost = dropped.load(ordering: .relaxed)
        return lost - counted.exchange(lost, ordering: .relaxed)
    }

    /// Waits until everything is written, or for so long.
    func flush(within limit: Duration) async {
        for _ in 0..<max(1, Int(limit / Self.flushPace)) where waiting.load(ordering: .relaxed) > 0 {
            guard (try? await Task.sleep(for: Self.flushPace)) != nil else { return }
        }
    }

    private static let flushPace = Duration.milliseconds(10)
}
