internal import Logging
internal import Synchronization

/// Lets few of many equal lines through, so that a line which comes for each of ten thousand participants does not bury
/// the others: within a second the first ones of the same message and level, then one of so many.
final class LogSampler: Sendable {
    /// LiveKit's figures.
    static let usualInitial = 20
    static let usualInterval = 100
    /// Different messages that are counted within a second; what else comes is let through.
    private static let messages = 4096

    private struct State {
        var second: Int64 = 0
        var counts: [String: Int] = [:]
    }

    private let initial: Int
    private let interval: Int
    private let state = Mutex(State())

    init(initial: Int = usualInitial, interval: Int = usualInterval) {
        self.initial = initial
        self.interval = max(interval, 1)
    }

    /// Whether a line is written; `unixMilliseconds` is when it was logged.
    func admits(_ message: Logger.Message, at level: Logger.Level, unixMilliseconds: Int64) -> Bool {
        let key = "\(level.rawValue) \(message)"
        return state.withLock { state in
            if state.second != unixMilliseconds / 1000 {
                state = State(second: unixMilliseconds / 1000)
            }
            guard let count = state.counts[key] else {
                if state.counts.count < Self.messages { state.counts[key] = 1 }
                return initial > 0 || interval == 1
            }
            state.counts[key] = count + 1
            return count < initial || (count + 1 - initial).isMultiple(of: interval)
        }
    }
}

/// Hands a handler only the lines that a sampler lets through.
struct SampledLogHandler<Base: LogHandler>: LogHandler {
    private var base: Base
    private let sampler: LogSampler
    private let clock: ServerClock

    init(_ base: Base, _ sampler: LogSampler, clock: ServerClock = .system) {
        self.base = base
        self.sampler = sampler
        self.clock = clock
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }
    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }
    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard sampler.admits(event.message, at: event.level, unixMilliseconds: clock.unixMilliseconds()) else { return }
        base.log(event: event)
    }
}

extension LiveKitServerConfiguration.Logging {
    var sampler: LogSampler? { isSampled ? LogSampler(initial: sampleInitial, interval: sampleInterval) : nil }
}
