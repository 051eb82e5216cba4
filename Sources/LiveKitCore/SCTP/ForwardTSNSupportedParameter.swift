/// Says that the sender understands FORWARD TSN.
///
/// - SeeAlso: [RFC 3758 §3.1](https://www.rfc-editor.org/rfc/rfc3758#section-3.1).
package struct ForwardTSNSupportedParameter: Hashable, Sendable {
    static let type: UInt16 = 0xC000

    package init() {}
}
