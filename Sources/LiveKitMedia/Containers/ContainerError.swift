/// Why a media file could not be read or written.
public struct ContainerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds, for a program to switch over. New ones may appear in a minor release.
    public struct Code: Hashable, Sendable {
        private enum Raw: Hashable { case truncated, corrupt, unsupported, tooLarge, fileFailure }
        private var raw: Raw

        /// The file ends in the middle of something.
        public static let truncated = Code(raw: .truncated)
        /// The bytes break the format, or fail their checksum.
        public static let corrupt = Code(raw: .corrupt)
        /// A well-formed file of a kind that is not handled here.
        public static let unsupported = Code(raw: .unsupported)
        /// A frame or packet is over the reader's or the format's limit.
        public static let tooLarge = Code(raw: .tooLarge)
        /// The file cannot be opened, read or written.
        public static let fileFailure = Code(raw: .fileFailure)
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
