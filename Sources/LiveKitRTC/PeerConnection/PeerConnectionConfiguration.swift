package import LiveKitCore

/// What one peer connection is made of.
package struct PeerConnectionConfiguration {
    /// Whether we make the first offer: that side controls ICE (RFC 8445 §6.1.1).
    package var isOfferer: Bool
    package var certificate: DTLSCertificate
    package var capabilities: MediaCapabilities
    /// Addresses that the peer can reach our socket at.
    package var hostAddresses: [TransportAddress]
    /// Candidates besides: of other transports, or of a socket with another address than the peer is told.
    package var candidates: [ICECandidate] = []
    /// Whether our descriptions say that there will be no more candidates.
    package var isGatheringComplete = true
    /// That many secret bytes from a cryptographic source: credentials, SSRCs and the seeds of everything
    /// random come from here.
    package var entropy: @Sendable (_ count: Int) -> [UInt8]
    /// Added to `now` gives nanoseconds since 1970, for the NTP times of sender reports.
    package var wallClockOffset: Int64
    package var ice = ICEConfiguration()
    /// Our DTLS role where an offer leaves it to us. The server's side chooses the SRTP profile.
    package var preferredAnswerRole = Negotiator.DTLSRole.server
    /// Whether a section whose sender ended carries the next one.
    package var reusesTransceivers = true
    /// What protects media under the keys of the handshake. A seam for simulations that measure everything but the
    /// cipher: the sources have no other protection than SRTP, and no product's interface reaches this.
    package var makeProtection: @Sendable (SRTPKeyingMaterial) throws(SRTPError) -> PacketProtection = {
        material throws(SRTPError) in try PacketProtection.srtp(material)
    }

    /// Whether data may come without SCTP's checksum, which DTLS makes needless (RFC 9653).
    package var acceptsZeroChecksum = true

    /// Congestion control of what is sent; `nil` sends whatever is given, at once.
    package var congestionControl: CongestionControlConfiguration?
    /// Repair packets for video (FlexFEC-03), taken and made where the peer knows them; `nil` for none.
    package var forwardErrorCorrection: FlexFECSender.Configuration?

    package init(
        isOfferer: Bool, certificate: DTLSCertificate, capabilities: MediaCapabilities,
        hostAddresses: [TransportAddress], entropy: @escaping @Sendable (Int) -> [UInt8], wallClockOffset: Int64
    ) {
        self.isOfferer = isOfferer
        self.certificate = certificate
        self.capabilities = capabilities
        self.hostAddresses = hostAddresses
        self.entropy = entropy
        self.wallClockOffset = wallClockOffset
    }

    var effectiveCapabilities: MediaCapabilities {
        forwardErrorCorrection == nil ? capabilities : capabilities.addingForwardErrorCorrection()
    }

    func seed() -> UInt64 { entropy(8).reduce(0) { $0 << 8 | UInt64($1) } }

    func credentials() -> ICECredentials { ICECredentials(entropy: entropy(ICECredentials.entropySize)) }
}
