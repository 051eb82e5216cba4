/// Why a text is no session description, or why a description cannot be written as text.
public struct SDPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong. A struct rather than an enum, so that reasons can be added.
    public struct Reason: Hashable, Sendable, CustomStringConvertible {
        /// The reason in words.
        public let description: String

        /// More than 256 KiB or more than 10,000 lines.
        public static let tooLarge = Self(description: "larger than any real description")
        /// Bytes that are not UTF-8.
        public static let encoding = Self(description: "not UTF-8")
        /// A control character, which would let a value smuggle in a line of its own.
        public static let controlCharacter = Self(description: "control character")
        /// A line that is not `<letter>=<value>`, or a letter that RFC 8866 does not define.
        public static let unknownLine = Self(description: "not a line of a session description")
        /// A line at a place where, or a second time when, it may not stand.
        public static let misplacedLine = Self(description: "line out of place")
        /// No `v=`, `o=` or `s=` line.
        public static let missingLine = Self(description: "a mandatory line is missing")
        /// A field of the line is missing, not a number, or contains what it may not.
        public static let malformedField = Self(description: "malformed field")
    }

    /// What was wrong.
    public let reason: Reason
    /// The line it was found in, counted from 1; 0 when it concerns the whole, or when writing.
    public let line: Int

    init(_ reason: Reason, line: Int = 0) {
        self.reason = reason
        self.line = line
    }

    /// The reason and the line.
    public var description: String { line == 0 ? "SDP: \(reason)" : "SDP line \(line): \(reason)" }
}
