package import LiveKitCore

/// How a ``TURNServer`` is set up.
package struct TURNServerConfiguration: Sendable {
    /// The realm of the long-term credentials.
    package var realm = TURNCredentials.realm
    /// The addresses that relays are announced under, at most one of each family. Ports do not count.
    package var relayHosts: [TransportAddress]
    /// The ports that relays are opened on.
    package var relayPorts: ClosedRange<UInt16>
    /// Who may be relayed to.
    package var peerFilter: TURNPeerFilter
    /// Allocations of one participant at a time; 0 lifts the limit.
    package var allocationsPerUser = 12
    /// The life of an allocation for which nothing longer was asked (RFC 8656 §3.2).
    package var defaultLifetime: MediaDuration = .seconds(600)
    /// The life of an allocation, whatever was asked.
    package var maximumLifetime: MediaDuration = .seconds(3600)
    /// A nonce serves so long.
    package var nonceLifetime: MediaDuration = .seconds(600)

    package init(relayHosts: [TransportAddress], relayPorts: ClosedRange<UInt16>, peerFilter: TURNPeerFilter) {
        self.relayHosts = relayHosts
        self.relayPorts = relayPorts
        self.peerFilter = peerFilter
    }
}

/// Somebody who may allocate, once the key has proven it.
package struct TURNAccount: Sendable {
    /// Whom quotas are counted for.
    package let user: String
    package let key: STUNKey

    package init(user: String, key: STUNKey) {
        self.user = user
        self.key = key
    }
}

/// Finds the account that a user name claims, or nothing. It is told the method, because credentials that have
/// expired still serve an allocation that stands.
package typealias TURNAccounts = (_ username: String, _ method: STUNMessage.Method) -> TURNAccount?
