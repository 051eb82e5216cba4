/// What a finished DTLS handshake yields for SRTP: a profile, and one master key and salt for each direction.
package struct SRTPKeyingMaterial: Hashable, Sendable {
    /// A master key and its salt (RFC 3711 §3.2.1).
    package struct Master: Hashable, Sendable {
        package var key: [UInt8]
        package var salt: [UInt8]

        package init(key: [UInt8], salt: [UInt8]) {
            self.key = key
            self.salt = salt
        }
    }

    package var profile: SRTPProfile
    /// Protects what we send.
    package var local: Master
    /// Protects what the peer sends.
    package var remote: Master

    package init(profile: SRTPProfile, local: Master, remote: Master) {
        self.profile = profile
        self.local = local
        self.remote = remote
    }

    /// Bytes that the exporter has to deliver for `profile`.
    static func exportedSize(of profile: SRTPProfile) -> Int {
        2 * (profile.keySize + profile.saltSize)
    }

    /// Splits exported bytes: client key, server key, client salt, server salt (RFC 5764 §4.2).
    ///
    /// - Returns: `nil` when there are too few bytes.
    init?(profile: SRTPProfile, exported: [UInt8], isClient: Bool) {
        guard exported.count >= Self.exportedSize(of: profile) else { return nil }
        let keySize = profile.keySize
        let saltSize = profile.saltSize
        let keys = exported.prefix(2 * keySize)
        let salts = exported.dropFirst(2 * keySize).prefix(2 * saltSize)
        let client = Master(key: Array(keys.prefix(keySize)), salt: Array(salts.prefix(saltSize)))
        let server = Master(key: Array(keys.suffix(keySize)), salt: Array(salts.suffix(saltSize)))
        self.init(profile: profile, local: isClient ? client : server, remote: isClient ? server : client)
    }
}
