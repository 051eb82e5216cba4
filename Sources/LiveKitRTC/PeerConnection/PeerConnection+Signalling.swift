package import LiveKitCore

// Offer and answer: the negotiator decides, and what it decides is set up here.
extension PeerConnection {
    /// Makes an offer of everything that was added.
    package func createOffer(now: MediaInstant) throws(NegotiationError) -> String {
        if wantsICERestart {
            wantsICERestart = false
            restartAgent(now: now)
        }
        return try negotiator.createOffer(localParameters)
    }

    /// Takes the answer to our offer.
    package func applyRemoteAnswer(_ text: String, now: MediaInstant) throws(NegotiationError) {
        let session = try negotiator.applyRemoteAnswer(text)
        apply(session, now: now)
    }

    /// Takes an offer; ``createAnswer(now:)`` must follow. In between the observer may add senders or set
    /// preferences for the sections offered.
    package func applyRemoteOffer(_ text: String, now: MediaInstant) throws(NegotiationError) -> RemoteOffer {
        let offer = try negotiator.applyRemoteOffer(text)
        if offer.isICERestart { restartAgent(now: now) }
        return offer
    }

    package func createAnswer(now: MediaInstant) throws(NegotiationError) -> String {
        let answer = try negotiator.createAnswer(localParameters)
        apply(answer.session, now: now)
        return answer.text
    }

    /// Forgets an offer, ours or the peer's, that will not be answered.
    package func rollback() {
        // Nothing under way is what we want, too.
        if negotiator.state != .stable { try? negotiator.rollback() }
    }

    /// Takes a trickled candidate's text. One that cannot be used is counted by the agent and otherwise ignored.
    package func addRemoteCandidate(_ text: String, now: MediaInstant) {
        if let candidate = try? ICECandidate(parsing: text) {
            guard allowsUDP || candidate.transport != .udp else { return }
            agent.addRemoteCandidate(candidate, now: now)
        } else if let named = ICERemoteName(parsing: text) {
            agent.addRemoteCandidate(named, now: now)
        } else {
            statistics.refused &+= 1
            return
        }
        drain(now: now)
    }

    /// The next offer restarts ICE.
    package func restartICE() {
        wantsICERestart = true
    }

    package func setPreferences(_ preferences: SectionPreferences, forMID mid: String) {
        negotiator.setPreferences(preferences, forMID: mid)
    }

    /// Our candidates, as `candidate:…` texts.
    package var localCandidates: [String] {
        agent.localCandidates.filter { allowsUDP || $0.transport != .udp }.map(\.attribute)
    }
    /// The names of the sections of our newest description, in its order.
    package var describedMIDs: [String] { negotiator.describedMIDs }

    /// The outcome of the last exchange.
    package var negotiated: NegotiatedSession? { negotiator.negotiated }
    /// Whether an offer is needed for what was added or taken away.
    package var needsNegotiation: Bool { negotiator.needsNegotiation || wantsICERestart }
    package var negotiationState: Negotiator.State { negotiator.state }

    /// How many transceivers of the kind wait for a section.
    package func waitingTransceivers(_ kind: SectionKind) -> Int { negotiator.waitingTransceivers(kind) }

    private var localParameters: LocalTransportParameters {
        let credentials = agent.localCredentials
        let fingerprint = configuration.certificate.fingerprint
        return LocalTransportParameters(
            ufrag: credentials.ufrag, password: credentials.password,
            fingerprints: [SDPFingerprint(algorithm: fingerprint.algorithm.rawValue, value: fingerprint.value)],
            candidates: localCandidates,
            isGatheringComplete: configuration.isGatheringComplete)
    }

    private func restartAgent(now: MediaInstant) {
        agent.restart(local: configuration.credentials(), now: now)
    }

    private func apply(_ session: NegotiatedSession, now: MediaInstant) {
        sections.update(session)
        control?.update(session)
        forgetEndedStreams(session)
        if let remote = session.remoteTransport {
            agent.setRemoteCredentials(
                ICECredentials(ufrag: remote.ufrag, password: remote.password), isLite: remote.isICELite, now: now)
            for text in remote.candidates { addRemoteCandidate(text, now: now) }
            if remote.hasEndOfCandidates { agent.endRemoteCandidates(now: now) }
            startDTLS(remote, role: session.dtlsRole == .client ? .client : .server, now: now)
            // Data channels may be negotiated after the connection stands.
            if sender != nil { startSCTP(now: now) }
        }
        if state == .new { change(to: .connecting) }
        drain(now: now)
    }

    private func startDTLS(_ remote: RemoteTransportParameters, role: DTLSTransport.Role, now: MediaInstant) {
        let fingerprints = remote.fingerprints.compactMap {
            try? DTLSFingerprint(algorithm: $0.algorithm, value: $0.value)
        }
        // The strongest hash that the peer gives (RFC 8122 §5).
        let chosen = fingerprints.max { $0.algorithm.size < $1.algorithm.size }
        if let dtls {
            if dtls.remoteFingerprint == nil { dtls.remoteFingerprint = chosen }
            guard let chosen, dtls.remoteFingerprint != chosen else { return }
            // Another certificate is another association (RFC 8842 §3.1), and nothing of the old one's keys counts.
            abandonDTLS(now: now)
        }
        do {
            dtls = try DTLSTransport(role: role, certificate: configuration.certificate, remoteFingerprint: chosen)
        } catch {
            change(to: .failed)
        }
        // A server may hear the ClientHello before it has nominated; a client needs the path to speak first.
        if role == .server || agent.selectedPath != nil { dtls?.start(now: now) }
    }

    /// A section that receives nothing any more ends its streams.
    private func forgetEndedStreams(_ session: NegotiatedSession) {
        let receiving = Set(session.sections.filter { !$0.isRejected && $0.direction.receives }.map(\.index))
        forget(inbound.values.filter { !receiving.contains($0.section) })
    }
}
