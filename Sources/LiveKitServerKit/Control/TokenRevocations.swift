internal import LiveKitCore

/// Tokens that let nobody in any more: for an identity in a room, all that became valid before some time.
struct TokenRevocations: Sendable {
    /// Identities in rooms. The one revoked first is forgotten when there are more: by then its tokens are the oldest.
    static let capacity = 10_000

    private struct Key: Hashable {
        var room: String
        var identity: String
    }

    private var dates: [Key: NumericDate] = [:]
    private var order: [Key] = []

    /// Revokes the tokens of an identity for a room that became valid before a date.
    mutating func revoke(room: String, identity: String, before date: NumericDate) {
        let key = Key(room: room, identity: identity)
        guard dates[key] == nil else {
            dates[key] = max(dates[key] ?? date, date)
            return
        }
        if order.count >= Self.capacity { dates[order.removeFirst()] = nil }
        order.append(key)
        dates[key] = date
    }

    /// Whether a token is revoked. One that does not say since when it is valid is as old as can be.
    func isRevoked(_ claims: TokenClaims, room: String) -> Bool {
        guard let date = dates[Key(room: room, identity: claims.identity)] else { return false }
        return claims.notBefore.map { $0 < date } ?? true
    }
}
