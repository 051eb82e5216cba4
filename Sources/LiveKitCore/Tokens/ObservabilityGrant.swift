/// What the holder of a token may do with observability data.
public struct ObservabilityGrant: Hashable, Sendable {
    /// May write observability data.
    public var write: Bool

    /// Creates a grant; what is not named is not granted.
    public init(write: Bool = false) {
        self.write = write
    }

    init(_ claims: ClaimObject) throws(TokenError) {
        write = try claims.flag("write") ?? false
    }

    var claims: ClaimObject {
        var claims = ClaimObject()
        claims.set("write", write ? true : nil)
        return claims
    }
}
