public import Logging

/// Sets the process's logging up as a configuration wants it.
public enum ServerLogging {
    /// Bootstraps swift-log: JSON or lines of text on standard error, each component at its level.
    ///
    /// Lines are queued, and written by a thread of their own. Where nobody reads, as with a pipe that is full, the server
    /// goes on; lines beyond a mebibyte are dropped, counted (`livekit_log_lines_dropped_total`) and told of once somebody
    /// reads again.
    ///
    /// To be called once, at the start of a program that has no logging of its own; a program that embeds a server
    /// keeps its own and leaves this alone.
    ///
    /// - Parameter configuration: ``LiveKitServerConfiguration/logLevel`` and ``LiveKitServerConfiguration/logging``.
    public static func bootstrap(_ configuration: LiveKitServerConfiguration) {
        let sampler = configuration.logging.sampler
        LoggingSystem.bootstrap { label in
            let level = configuration.logLevel(of: label)
            if configuration.logging.usesJSON { return sampled(JSONLogHandler(label: label, level: level), sampler) }
            return sampled(TextLogHandler(label: label, level: level, write: JSONLogHandler.standardError), sampler)
        }
    }

    private static func sampled(_ handler: some LogHandler, _ sampler: LogSampler?) -> any LogHandler {
        guard let sampler else { return handler }
        return SampledLogHandler(handler, sampler)
    }

    /// Waits until what was logged is written, for a program that is about to end; for a second at most, should nobody
    /// read it.
    public static func flush() async { await LogQueue.standardError.flush(within: .seconds(1)) }
}

extension LiveKitServerConfiguration {
    /// The level of a logger: that of the longest component which its label is or begins with, else the common one.
    public func logLevel(of label: String) -> Logger.Level {
        let component = logging.componentLevels.keys
            .filter { label == $0 || label.hasPrefix($0 + ".") }
            .max { $0.count < $1.count }
        return component.flatMap { logging.componentLevels[$0] } ?? logLevel
    }
}
