/// The flags of DATA and I-DATA, which are the same.
///
/// - SeeAlso: [RFC 9260 §3.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.1),
///   [RFC 8260 §2.1](https://www.rfc-editor.org/rfc/rfc8260#section-2.1).
package struct FragmentFlags: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The message's last fragment.
    package static let end = Self(rawValue: 1)
    /// The message's first fragment.
    package static let beginning = Self(rawValue: 2)
    package static let unordered = Self(rawValue: 4)
    /// The sender would like its SACK at once (RFC 7053).
    package static let immediate = Self(rawValue: 8)

    /// The bits that mean something.
    static let known: Self = [.end, .beginning, .unordered, .immediate]
}
