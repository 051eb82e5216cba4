internal import LiveKitCore

extension Negotiator {
    /// Takes the peer's answer to our offer, which completes the exchange.
    package mutating func applyRemoteAnswer(_ text: String) throws(NegotiationError) -> NegotiatedSession {
        try requireState(.haveLocalOffer)
        var next = self
        let remote = try RemoteDescription(parsing: text, maxSections: configuration.maxSections)
        guard remote.sections.count == sections.count else { throw .sectionsChanged }

        var negotiatedSections: [NegotiatedSection] = []
        for index in remote.sections.indices {
            let answered = remote.sections[index]
            if !answered.isRejected {
                guard answered.mid == sections[index].mid, answered.kind == sections[index].kind
                else { throw .sectionsChanged }
            }
            negotiatedSections.append(next.settle(index, remote))
        }
        let accepted = next.sections.firstIndex { !$0.isRejected }
        let transport = try next.remoteTransport(remote, section: accepted)
        let session = NegotiatedSession(
            sections: negotiatedSections, remoteTransport: transport, dtlsRole: try next.offererRole(transport),
            isICERestart: isRestart(transport))
        next.completeExchange(session)
        self = next
        return session
    }

    /// The peer chose its role, and with it ours. While the connection lives neither changes.
    private func offererRole(_ remote: RemoteTransportParameters?) throws(NegotiationError) -> DTLSRole {
        if let role = keptRole(remote) { return role }
        switch remote?.setup ?? .active {
        case .active: return .server
        case .passive: return .client
        case .actpass, .holdconn: throw .setupConflict
        }
    }

    private mutating func settle(_ index: Int, _ remote: RemoteDescription) -> NegotiatedSection {
        let answered = remote.sections[index]
        let content = sections[index].local
        let isMedia = sections[index].kind != .application
        let codecs = isMedia ? CodecSelection.accepted(by: answered.codecs, of: content.codecs) : []
        let isRejected = sections[index].isRejected || !remote.isUsable(index) || (isMedia && codecs.isEmpty)
        sections[index].isRejected = isRejected

        var section = NegotiatedSection(
            index: index, mid: sections[index].mid, kind: sections[index].kind, direction: .inactive, codecs: [],
            extensions: [], remote: nil, sentRIDs: [], usesReducedSizeRTCP: answered.hasReducedSizeRTCP,
            transceiver: transceiver(ofSection: index)?.id, isRejected: isRejected)
        guard !isRejected, isMedia else { return section }
        section.direction = content.direction.intersection(answered.direction.reversed)
        section.codecs = codecs
        section.extensions = content.extensions.filter { mapping in
            answered.extensions.contains { $0.id == mapping.id && $0.uri == mapping.uri }
        }
        if section.direction.receives { section.remote = answered.parameters }
        if section.direction.sends {
            section.sentRIDs = content.sentRIDs.filter(answered.receivedRIDs.contains)
        }
        return section
    }
}
