/// A transmission sequence number: 32 bits that wrap, ordered by serial number arithmetic.
///
/// Not `Comparable`, because the order is not transitive over the whole circle.
///
/// - SeeAlso: [RFC 9260 §1.6](https://www.rfc-editor.org/rfc/rfc9260#section-1.6).
package struct TSN: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Steps from here to `other`, positive when `other` is newer.
    package func distance(to other: TSN) -> Int {
        Int(Int32(bitPattern: other.rawValue &- rawValue))
    }

    /// Whether this number was assigned after `other`.
    package func isNewer(than other: TSN) -> Bool {
        other.distance(to: self) > 0
    }

    /// The number `steps` after this one, or before it when negative.
    package func advanced(by steps: Int) -> TSN {
        TSN(rawValue: rawValue &+ UInt32(truncatingIfNeeded: steps))
    }
}
