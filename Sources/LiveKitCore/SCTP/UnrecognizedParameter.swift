/// A parameter of INIT that the responder did not know, whole, in its INIT ACK.
///
/// - SeeAlso: [RFC 9260 §3.3.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.3.1).
package struct UnrecognizedParameter: Hashable, Sendable {
    static let type: UInt16 = 8

    /// Type, length and value of the parameter.
    package var parameter: [UInt8]

    package init(parameter: [UInt8]) {
        self.parameter = parameter
    }
}
