internal import Crypto

/// The user name and password with which a participant uses the server's own TURN server, as LiveKit makes them:
/// nothing is stored, since the password follows from the name and the API secret.
///
/// ```
/// user name  base62(API key "|" participant "|" expiry in Unix seconds)
/// password   base62(SHA-256(API secret "|" participant "|" expiry))
/// ```
package struct TURNCredentials: Hashable, Sendable {
    package let username: String
    package let password: String

    /// The realm of the long-term credentials.
    package static let realm = "livekit"
    /// How long credentials serve when nothing else is said.
    package static let defaultLifetimeSeconds: Int64 = 300
    /// However long is asked for.
    package static let maximumLifetimeSeconds: Int64 = 24 * 60 * 60
    /// The longest user name that is looked at: RFC 8489 §14.3 allows 508 bytes.
    package static let maximumUsernameBytes = 508

    /// Fresh credentials. A lifetime that is no positive number becomes the default one.
    package init(
        apiKey: String, apiSecret: String, participant: String, lifetimeSeconds: Int64, now unixSeconds: Int64
    ) {
        let lifetime =
            lifetimeSeconds > 0 ? min(lifetimeSeconds, Self.maximumLifetimeSeconds) : Self.defaultLifetimeSeconds
        let expiry = unixSeconds &+ lifetime
        username = Base62.encode(Array("\(apiKey)|\(participant)|\(expiry)".utf8))
        password = Self.password(secret: apiSecret, participant: participant, expiry: expiry)
    }

    fileprivate static func password(secret: String, participant: String, expiry: Int64) -> String {
        Base62.encode(Array(SHA256.hash(data: Array("\(secret)|\(participant)|\(expiry)".utf8))))
    }
}

/// What a TURN user name of LiveKit's says. Nobody has proven it before the message's integrity was checked.
package struct TURNUsername: Hashable, Sendable {
    package let apiKey: String
    package let participant: String
    /// Unix seconds.
    package let expiry: Int64

    /// Reads a user name; `nil` for one that is none of LiveKit's, or never serves.
    package init?(_ text: String) {
        guard text.utf8.count <= TURNCredentials.maximumUsernameBytes, let bytes = Base62.decode(text) else {
            return nil
        }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, let expiry = Int64(parts[2]), expiry > 0 else {
            return nil
        }
        apiKey = String(parts[0])
        participant = String(parts[1])
        self.expiry = expiry
    }

    /// Whether the credentials no longer open an allocation.
    package func isExpired(now unixSeconds: Int64) -> Bool { unixSeconds > expiry }

    /// The password that goes with this name.
    package func password(secret: String) -> String {
        TURNCredentials.password(secret: secret, participant: participant, expiry: expiry)
    }
}
