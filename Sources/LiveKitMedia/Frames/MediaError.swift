/// Why a codec refused its input or its settings.
public struct MediaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds, for a program to switch over. New ones may appear in a minor release.
    public struct Code: Hashable, Sendable {
        private enum Raw: Hashable { case unsupportedFormat, corruptData, codecFailure }
        private var raw: Raw

        /// A size, rate, channel count or setting that the codec does not take.
        public static let unsupportedFormat = Code(raw: .unsupportedFormat)
        /// The bytes are not what the codec writes, or depend on a picture that is missing.
        public static let corruptData = Code(raw: .corruptData)
        /// The codec library failed for a reason of its own, such as a lack of memory.
        public static let codecFailure = Code(raw: .codecFailure)
    }

    /// What a program may act on.
    public let code: Code
    /// For people: what was wrong. Not stable.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
