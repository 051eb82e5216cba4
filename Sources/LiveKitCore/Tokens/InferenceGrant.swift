/// What the holder of a token may do with the inference service.
public struct InferenceGrant: Hashable, Sendable {
    /// May run inference.
    public var perform: Bool

    /// Creates a grant; what is not named is not granted.
    public init(perform: Bool = false) {
        self.perform = perform
    }

    init(_ claims: ClaimObject) throws(TokenError) {
        perform = try claims.flag("perform") ?? false
    }

    var claims: ClaimObject {
        var claims = ClaimObject()
        claims.set("perform", perform ? true : nil)
        return claims
    }
}
