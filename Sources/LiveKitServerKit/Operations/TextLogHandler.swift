internal import Logging

/// Writes each log line as text: time, level, label, message, metadata.
struct TextLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let write: @Sendable (String) -> Void

    init(label: String, level: Logger.Level, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        logLevel = level
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadataProvider?.get() ?? [:]
        fields.merge(metadata) { _, new in new }
        fields.merge(event.metadata ?? [:]) { _, new in new }
        var line = JSONLogHandler.timestamp(ServerClock.system.unixMilliseconds())
        line += " \(event.level.rawValue) \(label):"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        write(Self.oneLine(line + " \(event.message)") + "\n")
    }

    /// What clients wrote must neither break a line nor reach a terminal as a command.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                    return isControl || (0x2028...0x2029).contains(scalar.value) ? " " : scalar
                }))
    }
}
