/// Why a run of bytes is not the packet it claims to be.
///
/// Every decoder throws exactly this type (`throws(WireError)`), so a caller on the media path can
/// switch over it without boxing, count it, and drop the datagram. It never means a bug on our side.
public enum WireError: Error, Hashable, Sendable {
    /// The input ends before a field does. Counts and `offset` are in bytes from the reader's start.
    case truncated(needed: Int, available: Int, offset: Int)
    /// A field holds a value that its specification forbids.
    case invalid(Field)

    /// The field that a decoder refused, by its name in the specification.
    ///
    /// A struct around a static string rather than an enum, so that a codec adds its own fields beside
    /// its own code: `extension WireError.Field { static let version = Self("version") }`.
    public struct Field: Hashable, Sendable, CustomStringConvertible {
        /// The field's name, as the specification writes it.
        public let name: String

        package init(_ name: StaticString) {
            self.name = name.description
        }

        /// The field's name, as the specification writes it.
        public var description: String { name }

        /// The protocol version.
        public static let version = Self("version")
        /// A length or count field.
        public static let length = Self("length")
        /// A type field: message, packet, chunk or attribute type.
        public static let type = Self("type")
    }
}
