/// The value of an ERROR-CODE attribute (RFC 8489 §14.8).
public struct STUNErrorCode: Hashable, Sendable {
    /// The number, 300...699.
    public let code: UInt16
    /// A text for people.
    public let reason: String

    /// An error code.
    ///
    /// - Parameters:
    ///   - code: The number; a value outside 300...699 is not expressible and becomes the nearest one.
    ///   - reason: A text for people.
    public init(code: UInt16, reason: String) {
        self.code = min(max(code, 300), 699)
        self.reason = reason
    }

    /// 400: the request was malformed.
    public static let badRequest = Self(code: 400, reason: "Bad Request")
    /// 401: the request did not contain the right credentials.
    public static let unauthenticated = Self(code: 401, reason: "Unauthenticated")
    /// 420: the request holds attributes that must be understood and are not.
    public static let unknownAttribute = Self(code: 420, reason: "Unknown Attribute")
    /// 438: the nonce is out of date.
    public static let staleNonce = Self(code: 438, reason: "Stale Nonce")
    /// 487: both ICE agents claim the same role (RFC 8445 §7.3.1.1).
    public static let roleConflict = Self(code: 487, reason: "Role Conflict")
    /// 500: the server failed.
    public static let serverError = Self(code: 500, reason: "Server Error")
}
