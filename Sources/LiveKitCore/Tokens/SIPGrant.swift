/// What the holder of a token may do with SIP.
public struct SIPGrant: Hashable, Sendable {
    /// May manage trunks and dispatch rules.
    public var admin: Bool
    /// May make and transfer calls.
    public var call: Bool

    /// Creates a grant; what is not named is not granted.
    public init(admin: Bool = false, call: Bool = false) {
        self.admin = admin
        self.call = call
    }

    init(_ claims: ClaimObject) throws(TokenError) {
        admin = try claims.flag("admin") ?? false
        call = try claims.flag("call") ?? false
    }

    var claims: ClaimObject {
        var claims = ClaimObject()
        claims.set("admin", admin ? true : nil)
        claims.set("call", call ? true : nil)
        return claims
    }
}
