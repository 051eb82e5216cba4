/// One of an association's unidirectional streams; a data channel is two of the same number.
///
/// - SeeAlso: [RFC 8831 §6.4](https://www.rfc-editor.org/rfc/rfc8831#section-6.4).
package struct StreamID: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
