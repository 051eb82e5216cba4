/// The payload protocol identifier of a DATA chunk: what kind of message a data channel carries.
///
/// - SeeAlso: [RFC 8831 §8](https://www.rfc-editor.org/rfc/rfc8831#section-8).
package struct PayloadProtocol: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Data channel establishment (RFC 8832).
    package static let establishment = Self(rawValue: 50)
    package static let string = Self(rawValue: 51)
    /// All but the last piece of a large binary message, by senders older than RFC 8831.
    package static let partialBinary = Self(rawValue: 52)
    package static let binary = Self(rawValue: 53)
    /// All but the last piece of a large string, by senders older than RFC 8831.
    package static let partialString = Self(rawValue: 54)
    /// An empty string, which travels as one zero byte because SCTP has no empty messages.
    package static let emptyString = Self(rawValue: 56)
    /// An empty binary message, which travels as one zero byte.
    package static let emptyBinary = Self(rawValue: 57)
}
