internal import LiveKitCore

extension Negotiator {
    /// Answers the peer's offer, which completes the exchange.
    package mutating func createAnswer(
        _ transport: LocalTransportParameters
    ) throws(NegotiationError) -> LocalAnswer {
        try requireState(.haveRemoteOffer)
        guard let remote = pendingRemote else { throw .wrongState(state) }
        var next = self
        for index in remote.sections.indices {
            next.describeAnswer(index, remote)
            if next.sections[index].isRejected { continue }
            next.registry.learn(remote.sections[index].codecs)
            next.registry.learn(remote.sections[index].extensions)
        }
        for index in next.transceivers.indices where next.transceivers[index].sectionIndex != nil {
            next.transceivers[index].describedWish = next.transceivers[index].wish
        }
        let accepted = next.sections.firstIndex { !$0.isRejected }
        let remoteTransport = try next.remoteTransport(remote, section: accepted)
        let role = try next.answerRole(remoteTransport)
        let text = try next.write(
            next.sections, transport, setup: role == .client ? .active : .passive,
            isMixed: remote.allowsMixedExtensions, hasBundle: remote.hasBundle)
        let session = NegotiatedSession(
            sections: next.sections.indices.map { next.answeredSection($0, remote.sections[$0]) },
            remoteTransport: remoteTransport, dtlsRole: role, isICERestart: isRestart(remoteTransport))
        next.completeExchange(session)
        self = next
        return LocalAnswer(text: text, session: session)
    }

    /// The peer's transport by the first section accepted; the one before while none is.
    func remoteTransport(
        _ remote: RemoteDescription, section index: Int?
    ) throws(NegotiationError) -> RemoteTransportParameters? {
        guard let index else { return negotiated?.remoteTransport }
        var transport = try remote.transport(ofSection: index)
        if !hasDataSection {
            transport.sctpPort = nil
            transport.maxMessageSize = nil
        }
        return transport
    }

    /// The role that we have is kept while the peer's certificate is (RFC 8842 §5.3).
    private func answerRole(_ remote: RemoteTransportParameters?) throws(NegotiationError) -> DTLSRole {
        switch remote?.setup ?? .actpass {
        case .actpass: return keptRole(remote) ?? configuration.preferredAnswerRole
        case .active: return .server
        case .passive: return .client
        case .holdconn: throw .setupConflict
        }
    }

    func keptRole(_ remote: RemoteTransportParameters?) -> DTLSRole? {
        guard let negotiated, let old = negotiated.remoteTransport, old.fingerprints == remote?.fingerprints
        else { return nil }
        return negotiated.dtlsRole
    }

    private mutating func describeAnswer(_ index: Int, _ remote: RemoteDescription) {
        guard remote.isUsable(index) else {
            sections[index].isRejected = true
            return
        }
        let offered = remote.sections[index]
        guard offered.kind != .application else {
            let first = sections[..<index].contains { $0.kind == .application && !$0.isRejected }
            sections[index].isRejected = first
            return
        }
        let transceiver = transceiver(ofSection: index)
        var preferences = self.preferences[sections[index].mid] ?? SectionPreferences()
        if preferences.codecs.isEmpty { preferences.codecs = transceiver?.wish.sender?.codecs ?? [] }

        var content = Section.LocalContent()
        content.direction = (transceiver?.direction ?? .inactive).intersection(offered.direction.reversed)
        content.codecs = CodecSelection.answer(
            to: offered.codecs, with: configuration.capabilities.codecs(for: offered.kind), preferences: preferences,
            keepsOfferedOrder: configuration.keepsOfferedCodecOrder, prefersRED: configuration.prefersRED)
        let known = configuration.capabilities.extensions(for: offered.kind)
        content.extensions = offered.extensions.filter { known.contains($0.uri) }.map { mapping in
            HeaderExtensionMapping(id: mapping.id, uri: mapping.uri, direction: mapping.direction?.reversed)
        }
        content.sender = transceiver?.wish.sender
        if content.direction.receives { content.receivedRIDs = offered.parameters.rids }
        content.usesReducedSizeRTCP = offered.hasReducedSizeRTCP
        sections[index].local = content
        sections[index].isRejected = content.codecs.isEmpty
    }

    private func answeredSection(_ index: Int, _ remote: RemoteSection) -> NegotiatedSection {
        let section = sections[index]
        let content = section.isRejected || section.kind == .application ? Section.LocalContent() : section.local
        return NegotiatedSection(
            index: index, mid: section.mid, kind: section.kind, direction: content.direction, codecs: content.codecs,
            extensions: content.extensions, remote: content.direction.receives ? remote.parameters : nil,
            sentRIDs: content.sentRIDs, usesReducedSizeRTCP: content.usesReducedSizeRTCP,
            transceiver: transceiver(ofSection: index)?.id, isRejected: section.isRejected)
    }
}
