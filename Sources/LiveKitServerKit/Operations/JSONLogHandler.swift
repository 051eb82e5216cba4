internal import Foundation
public import Logging

/// Writes each log line as a JSON object, with the names that LiveKit's logs have: `level`, `ts`, `logger`, `msg`, and
/// the metadata beside them.
///
/// A line is written in one piece, to standard error by default, by a thread of its own: who logs does not wait for
/// whoever reads.
public struct JSONLogHandler: LogHandler {
    /// The least urgent level written.
    public var logLevel: Logger.Level
    /// What stands in each line.
    public var metadata: Logger.Metadata = [:]
    /// Where more metadata comes from.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let write: @Sendable (String) -> Void

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - level: The least urgent level written.
    ///   - write: Takes a line, with its line feed; may be called from any thread.
    public init(
        label: String, level: Logger.Level = .info, write: @escaping @Sendable (String) -> Void = Self.standardError
    ) {
        self.label = label
        logLevel = level
        self.write = write
    }

    /// Queues for standard error; what is not read while a mebibyte waits is dropped, and counted.
    public static let standardError: @Sendable (String) -> Void = { LogQueue.standardError.write($0) }

    /// One value of the handler's metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var fields = metadataProvider?.get() ?? [:]
        fields.merge(metadata) { _, new in new }
        fields.merge(event.metadata ?? [:]) { _, new in new }
        var text = "{\"level\":\(Self.quoted(event.level == .warning ? "warn" : event.level.rawValue))"
        text += ",\"ts\":\(Self.quoted(Self.timestamp(ServerClock.system.unixMilliseconds())))"
        text += ",\"logger\":\(Self.quoted(label)),\"msg\":\(Self.quoted(event.message.description))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text += ",\(Self.quoted(key)):\(Self.json(value))"
        }
        write(text + "}\n")
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let convertible): quoted(convertible.description)
        case .array(let values): "[" + values.map { json($0) }.joined(separator: ",") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// RFC 8259 §7. Whatever could break a line or a terminal is escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || (0x2028...0x2029).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// RFC 3339 with milliseconds, in UTC.
    static func timestamp(_ unixMilliseconds: Int64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(unixMilliseconds / 1000)).formatted(.iso8601)
        let fraction = String(unixMilliseconds % 1000)
        return seconds.dropLast() + "." + String(repeating: "0", count: 3 - fraction.count) + fraction + "Z"
    }
}
