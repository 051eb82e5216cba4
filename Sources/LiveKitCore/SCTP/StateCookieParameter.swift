/// The responder's state, entrusted to the initiator until it comes back.
///
/// - SeeAlso: [RFC 9260 §3.3.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.3.1).
package struct StateCookieParameter: Hashable, Sendable {
    static let type: UInt16 = 7

    package var cookie: [UInt8]

    package init(cookie: [UInt8]) {
        self.cookie = cookie
    }
}
