extension TokenClaims {
    /// What the claims say, as nodes of a cluster tell each other: LiveKit's `ClaimGrants` in JSON.
    ///
    /// The issuer and the time since when the token is valid go along, which other servers overlook.
    ///
    /// - Throws: ``TokenError`` when the room configuration cannot be written.
    package func grantsJSON() throws(TokenError) -> String {
        var claims = try object()
        claims.set("identity", identity)
        return String(decoding: try claims.json(), as: UTF8.self)
    }

    /// Reads what another node says of a token that it has verified.
    ///
    /// - Throws: ``TokenError/Code/malformed`` for what is no JSON, ``TokenError/Code/invalidClaim`` for a claim of the
    ///   wrong type.
    package init(grantsJSON: String, expiresAt: NumericDate) throws(TokenError) {
        var claims = try ClaimObject(json: Array(grantsJSON.utf8))
        // Neither is among what LiveKit's own server writes.
        if !claims.contains("exp") { claims.set("exp", expiresAt) }
        if !claims.contains("sub") { claims.set("sub", try claims.string("identity") ?? "") }
        try self.init(ClaimObject(json: claims.json()))
    }
}
