package import LiveKitCore

/// Offer and answer for one peer connection (RFC 8829, RFC 9429), as a pure value: texts and wishes go in,
/// texts and a ``NegotiatedSession`` come out.
///
/// It knows one shape of session only: every section bundled over one transport, RTCP on RTP's port. It owns
/// no transport; ICE credentials, fingerprints and candidates are handed in for each description. A call that
/// throws changes nothing.
///
/// ```
///                 createOffer                    applyRemoteOffer
///              ┌──────────────►  have-local-offer      ┌──────────────►  have-remote-offer
///    stable ───┤◄── applyRemoteAnswer, rollback  stable┤◄── createAnswer, rollback
/// ```
package struct Negotiator: Sendable {
    /// Where the exchange stands.
    package enum State: Hashable, Sendable {
        case stable
        case haveLocalOffer
        case haveRemoteOffer
    }

    /// Who opens the DTLS connection.
    package enum DTLSRole: Hashable, Sendable {
        case client
        case server
    }

    /// What stays the same for the life of a connection.
    package struct Configuration: Hashable, Sendable {
        package var capabilities: MediaCapabilities
        /// Whether we announce ICE lite.
        package var isICELite = false
        /// Our role where the peer leaves the choice. The DTLS server chooses the SRTP profile.
        package var preferredAnswerRole = DTLSRole.server
        /// Whether answers list codecs as the offer does, so that the publisher's first choice stays the
        /// first, or in the order of the capabilities.
        package var keepsOfferedCodecOrder = true
        /// Whether redundant audio, where both sides know it, is named before the codec that it wraps.
        package var prefersRED = true
        /// Whether a section that was negotiated inactive carries the next sender.
        package var reusesTransceivers = true
        package var maxSections = NegotiationLimits.sections
        /// The `o=` line's session, random.
        package var sessionID: UInt64

        package init(capabilities: MediaCapabilities, sessionID: UInt64) {
            self.capabilities = capabilities
            self.sessionID = sessionID
        }
    }

    /// What an exchange under way replaces, kept for ``rollback()``.
    struct RollbackPoint: Sendable {
        var sections: [Section]
        var transceivers: [Transceiver]
    }

    package let configuration: Configuration
    package internal(set) var state = State.stable
    /// The outcome of the last completed exchange.
    package internal(set) var negotiated: NegotiatedSession?

    var sections: [Section] = []
    var transceivers: [Transceiver] = []
    var registry = PayloadTypeRegistry()
    var preferences: [String: SectionPreferences] = [:]
    var pendingRemote: RemoteDescription?
    var rollbackPoint: RollbackPoint?
    var sessionVersion: UInt64 = 0
    /// The id that the next transceiver had when data channels were asked for; `nil` when they were not.
    var dataChannelPosition: Int?
    private var nextTransceiver = 0

    package init(configuration: Configuration) {
        self.configuration = configuration
    }
}

// MARK: - Wishes

extension Negotiator {
    /// Adds a transceiver to the next description. A sender first takes over a transceiver of its kind that
    /// was negotiated inactive, whose id comes back again: its section is used anew.
    package mutating func addTransceiver(
        _ kind: SectionKind, direction: MediaDirection, sender: SenderParameters? = nil
    ) throws(NegotiationError) -> TransceiverID {
        if sender != nil, configuration.reusesTransceivers,
            let index = transceivers.firstIndex(where: { $0.kind == kind && $0.isReusable })
        {
            transceivers[index].wish = Transceiver.Wish(direction: direction, sender: sender)
            return transceivers[index].id
        }
        let sectionsForData = dataChannelPosition == nil ? 0 : 1
        guard transceivers.count + sectionsForData < configuration.maxSections else { throw .tooManySections }
        return makeTransceiver(kind, direction: direction, sender: sender, isRemotelyCreated: false)
    }

    /// Takes the sender away; the section stays, without that direction, for the next sender.
    package mutating func stopSending(_ id: TransceiverID) throws(NegotiationError) {
        let index = try transceiverIndex(id)
        let receives = transceivers[index].wish.direction.receives
        transceivers[index].wish = Transceiver.Wish(
            direction: MediaDirection(sends: false, receives: receives), sender: nil)
    }

    /// Asks for the section of data channels.
    package mutating func addDataChannels() {
        if dataChannelPosition == nil { dataChannelPosition = nextTransceiver }
    }

    /// Says how sections of that name shall be answered from now on.
    package mutating func setPreferences(_ preferences: SectionPreferences, forMID mid: String) {
        guard self.preferences.count < configuration.maxSections || self.preferences[mid] != nil else { return }
        self.preferences[mid] = preferences
    }

    /// Whether something that was wished has not been described to the peer yet.
    package var needsNegotiation: Bool {
        if dataChannelPosition != nil, !hasDataSection { return true }
        return transceivers.contains { $0.sectionIndex == nil || $0.wish != ($0.describedWish ?? $0.negotiatedWish) }
    }

    /// How many transceivers of the kind wait for a section, which an offer of the peer's may bring too.
    package func waitingTransceivers(_ kind: SectionKind) -> Int {
        transceivers.count { $0.kind == kind && $0.sectionIndex == nil }
    }

    /// The names of the sections that both sides know of and did not refuse.
    package var describedMIDs: [String] { sections.filter { !$0.isRejected }.map(\.mid) }

    /// The section of a transceiver, once it has one.
    package func mid(of id: TransceiverID) -> String? {
        transceivers.first { $0.id == id }?.sectionIndex.flatMap { index in
            sections.indices.contains(index) ? sections[index].mid : nil
        }
    }
}

// MARK: - Shared by the exchanges

extension Negotiator {
    var hasDataSection: Bool {
        sections.contains { $0.kind == .application && !$0.isRejected }
    }

    mutating func makeTransceiver(
        _ kind: SectionKind, direction: MediaDirection, sender: SenderParameters?, isRemotelyCreated: Bool
    ) -> TransceiverID {
        let id = TransceiverID(rawValue: nextTransceiver)
        nextTransceiver += 1
        transceivers.append(
            Transceiver(
                id: id, kind: kind, isRemotelyCreated: isRemotelyCreated,
                wish: Transceiver.Wish(direction: direction, sender: sender)))
        return id
    }

    func transceiverIndex(_ id: TransceiverID) throws(NegotiationError) -> Int {
        guard let index = transceivers.firstIndex(where: { $0.id == id }) else { throw .unknownTransceiver }
        return index
    }

    func transceiver(ofSection index: Int) -> Transceiver? {
        transceivers.first { $0.sectionIndex == index }
    }

    func requireState(_ required: State) throws(NegotiationError) {
        guard state == required else { throw .wrongState(state) }
    }

    mutating func saveRollbackPoint() {
        rollbackPoint = RollbackPoint(sections: sections, transceivers: transceivers)
    }

    /// Forgets the offer under way, ours or the peer's. Wishes made since stay.
    package mutating func rollback() throws(NegotiationError) {
        guard let point = rollbackPoint else { throw .wrongState(state) }
        let saved = Dictionary(point.transceivers.map { ($0.id, $0) }) { first, _ in first }
        transceivers = transceivers.compactMap { transceiver in
            var transceiver = transceiver
            transceiver.describedWish = nil
            if let old = saved[transceiver.id] {
                transceiver.sectionIndex = old.sectionIndex
            } else if transceiver.isRemotelyCreated {
                return nil
            } else {
                transceiver.sectionIndex = nil
            }
            return transceiver
        }
        sections = point.sections
        rollbackPoint = nil
        pendingRemote = nil
        state = .stable
    }

    /// Ends an exchange: what was described is what was agreed.
    mutating func completeExchange(_ session: NegotiatedSession) {
        for index in transceivers.indices {
            guard let position = transceivers[index].sectionIndex, sections.indices.contains(position) else { continue }
            transceivers[index].negotiatedWish = transceivers[index].describedWish ?? transceivers[index].negotiatedWish
            transceivers[index].describedWish = nil
            transceivers[index].currentDirection = session.sections[position].direction
        }
        // RFC 8829 §5.10: a refused section stops its transceiver.
        transceivers.removeAll { transceiver in
            transceiver.sectionIndex.map { session.sections[$0].isRejected } ?? false
        }
        // Data channels that were refused are not asked for again.
        if !hasDataSection, sections.contains(where: { $0.kind == .application }) { dataChannelPosition = nil }
        let mids = Set(sections.map(\.mid))
        preferences = preferences.filter { mids.contains($0.key) }
        negotiated = session
        rollbackPoint = nil
        pendingRemote = nil
        state = .stable
    }
}
