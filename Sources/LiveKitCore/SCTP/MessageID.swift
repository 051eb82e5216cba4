/// The number of a message within its stream when messages are interleaved: 32 bits that wrap. Ordered and
/// unordered messages are numbered apart.
///
/// - SeeAlso: [RFC 8260 §2.1](https://www.rfc-editor.org/rfc/rfc8260#section-2.1).
package struct MessageID: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let first = Self(rawValue: 0)

    package var next: Self { Self(rawValue: rawValue &+ 1) }

    /// Steps from here to `other`, positive when `other` is newer.
    package func distance(to other: Self) -> Int {
        Int(Int32(bitPattern: other.rawValue &- rawValue))
    }
}
