internal import Crypto

/// Credentials for a TURN server that shares a secret with whoever hands them out, such as coturn with
/// `use-auth-secret`: nothing is stored, since the password follows from the name.
///
/// ```
/// user name  expiry in Unix seconds ":" participant
/// password   base64(HMAC-SHA1(secret, user name))
/// ```
///
/// - SeeAlso: draft-uberti-behave-turn-rest-00 §2.2.
package struct TURNSharedSecretCredentials: Hashable, Sendable {
    package let username: String
    package let password: String

    /// How long credentials serve when nothing else is said: LiveKit's four hours.
    package static let defaultLifetimeSeconds: Int64 = 14_400

    /// Fresh credentials. A lifetime that is no positive number becomes the default one; none is above a day.
    package init(secret: String, participant: String, lifetimeSeconds: Int64, now unixSeconds: Int64) {
        let lifetime = lifetimeSeconds > 0 ? lifetimeSeconds : Self.defaultLifetimeSeconds
        let expiry = unixSeconds &+ min(lifetime, TURNCredentials.maximumLifetimeSeconds)
        username = "\(expiry):\(participant)"
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Array(username.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        password = Base64URL.encodePadded(Array(code))
    }
}
