internal import LiveKitProtobuf
internal import SwiftProtobuf

extension TokenClaims {
    /// - Throws: ``TokenError/Code/missingExpiry``, or ``TokenError/Code/invalidClaim`` for a claim of the wrong type.
    ///   Claims without a meaning here are ignored.
    init(_ claims: ClaimObject) throws(TokenError) {
        // A token that never expires could never be taken back.
        guard let expiresAt = try claims.date("exp") else { throw TokenError(.missingExpiry) }
        self.init(expiresAt: expiresAt)
        notBefore = try claims.date("nbf")
        issuer = try claims.string("iss") ?? ""
        identity = try claims.string("sub") ?? ""
        if identity.isEmpty { identity = try claims.string("jti") ?? "" }
        name = try claims.string("name") ?? ""
        kind = Livekit_ParticipantInfo.Kind(word: try claims.string("kind") ?? "") ?? .standard
        kindDetails = (try claims.strings("kindDetails") ?? [])
            .compactMap { Livekit_ParticipantInfo.KindDetail(word: $0) }
        metadata = try claims.string("metadata") ?? ""
        attributes = try claims.dictionary("attributes") ?? [:]
        sha256 = try claims.string("sha256") ?? ""
        roomPreset = try claims.string("roomPreset") ?? ""
        if let configuration = try claims.object("roomConfig") {
            roomConfiguration = try Livekit_RoomConfiguration(configuration)
        }
        if let grant = try claims.object("video") { video = try VideoGrant(grant) }
        if let grant = try claims.object("sip") { sip = try SIPGrant(grant) }
        if let grant = try claims.object("agent") { agent = try AgentGrant(grant) }
        if let grant = try claims.object("inference") { inference = try InferenceGrant(grant) }
        if let grant = try claims.object("observability") { observability = try ObservabilityGrant(grant) }
    }

    func object() throws(TokenError) -> ClaimObject {
        var claims = ClaimObject()
        claims.set("iss", issuer)
        claims.set("sub", identity)
        claims.set("exp", expiresAt)
        if let notBefore { claims.set("nbf", notBefore) }
        claims.set("name", name)
        if kind != .standard { claims.set("kind", kind.word ?? "") }
        claims.set("kindDetails", kindDetails.compactMap(\.word))
        claims.set("metadata", metadata)
        claims.set("attributes", attributes)
        claims.set("sha256", sha256)
        claims.set("roomPreset", roomPreset)
        if let roomConfiguration { claims.set("roomConfig", json: try roomConfiguration.claimJSON()) }
        claims.set("video", video?.claims)
        claims.set("sip", sip?.claims)
        claims.set("agent", agent?.claims)
        claims.set("inference", inference?.claims)
        claims.set("observability", observability?.claims)
        return claims
    }
}

extension Livekit_RoomConfiguration {
    /// Members of the JSON form under which storage providers and proxies take their secrets.
    private static let credentialNames: Set = [
        "accessKey", "secret", "sessionToken", "credentials", "accountKey", "password",
    ]

    init(_ claims: ClaimObject) throws(TokenError) {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        let json = try claims.json()
        do {
            try self.init(jsonUTF8Bytes: json, options: options)
        } catch {
            throw TokenError(.invalidClaim, claim: "roomConfig")
        }
    }

    func claimJSON() throws(TokenError) -> [UInt8] {
        var options = JSONEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            return try jsonUTF8Bytes(options: options)
        } catch {
            throw TokenError(.invalidClaim, claim: "roomConfig")
        }
    }

    /// Whether an egress that starts with the room carries credentials for its storage, or addresses of streams, in
    /// which their keys stand.
    package func holdsStorageCredentials() throws(TokenError) -> Bool {
        guard self.egress.room.streamOutputs.isEmpty else { return true }
        guard let egress = try ClaimObject(json: claimJSON()).object("egress") else { return false }
        return egress.containsText(under: Self.credentialNames)
    }
}
