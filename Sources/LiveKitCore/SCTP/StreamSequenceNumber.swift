/// The number of an ordered message within its stream: 16 bits that wrap.
///
/// - SeeAlso: [RFC 9260 §3.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.1).
package struct StreamSequenceNumber: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let first = Self(rawValue: 0)

    package var next: Self { Self(rawValue: rawValue &+ 1) }

    /// Steps from here to `other`, positive when `other` is newer.
    package func distance(to other: Self) -> Int {
        Int(Int16(bitPattern: other.rawValue &- rawValue))
    }
}
