internal import LiveKitCore

/// The accounts of LiveKit's TURN credentials: whoever has a name that an API secret vouches for.
package enum LiveKitAccounts {
    /// Accounts under `secrets`, by API key. `unixSeconds` is the time of day: expired names open no allocation, but
    /// keep those they have opened.
    package static func accounts(
        secrets: [String: String], unixSeconds: @escaping () -> Int64
    ) -> TURNAccounts {
        { username, method in
            guard let name = TURNUsername(username), let secret = secrets[name.apiKey], !secret.isEmpty else {
                return nil
            }
            guard method != .allocate || !name.isExpired(now: unixSeconds()) else { return nil }
            let password = name.password(secret: secret)
            let key = STUNKey(username: username, realm: TURNCredentials.realm, password: password)
            return TURNAccount(user: name.participant, key: key)
        }
    }
}
