internal import LiveKitCore

extension Negotiator {
    /// Makes an offer of everything wished. Sections that exist keep their place, name and payload types.
    package mutating func createOffer(_ transport: LocalTransportParameters) throws(NegotiationError) -> String {
        try requireState(.stable)
        var next = self
        next.saveRollbackPoint()
        try next.openSections()
        for index in next.sections.indices where !next.sections[index].isRejected { next.describeOffer(index) }
        for index in next.transceivers.indices {
            next.transceivers[index].describedWish = next.transceivers[index].wish
        }
        let text = try next.write(next.sections, transport, setup: .actpass, isMixed: true, hasBundle: true)
        next.state = .haveLocalOffer
        self = next
        return text
    }

    /// Gives a section to everything that has none, in the order in which it was added.
    private mutating func openSections() throws(NegotiationError) {
        let waiting = transceivers.indices.filter { transceivers[$0].sectionIndex == nil }
        var opensData = dataChannelPosition != nil && !hasDataSection
        for index in waiting {
            if opensData, let position = dataChannelPosition, transceivers[index].id.rawValue >= position {
                try openSection(.application)
                opensData = false
            }
            transceivers[index].sectionIndex = try openSection(transceivers[index].kind)
        }
        if opensData { try openSection(.application) }
    }

    /// A refused section of the kind is used again under a new name (RFC 8829 §5.2.2), else one is appended.
    @discardableResult
    private mutating func openSection(_ kind: SectionKind) throws(NegotiationError) -> Int {
        let section = Section(mid: unusedMID(), kind: kind)
        if let index = sections.firstIndex(where: { $0.isRejected && $0.kind == kind }) {
            sections[index] = section
            return index
        }
        guard sections.count < configuration.maxSections else { throw .tooManySections }
        sections.append(section)
        return sections.count - 1
    }

    private func unusedMID() -> String {
        let used = Set(sections.map(\.mid))
        // Names already given to sections that were recycled may come again; those alive may not.
        var number = sections.count
        while used.contains(String(number)) { number += 1 }
        return String(number)
    }

    private mutating func describeOffer(_ index: Int) {
        let kind = sections[index].kind
        guard kind == .audio || kind == .video else { return }
        let transceiver = transceiver(ofSection: index)
        let sender = transceiver?.wish.sender
        var content = Section.LocalContent()
        content.direction = transceiver?.direction ?? .inactive
        let capabilities = configuration.capabilities.codecs(for: kind)
        let preferred = capabilities.preferring(sender?.codecs ?? [])
        let offered = CodecSelection.withRedundancyFormat(
            registry.offer(preferred.isEmpty ? capabilities : preferred))
        let isOrdered = sender?.codecs.isEmpty ?? true
        content.codecs =
            isOrdered ? CodecSelection.ordered(offered, prefersRED: configuration.prefersRED) : offered
        content.extensions = registry.offer(extensions: configuration.capabilities.extensions(for: kind))
        content.sender = sender
        if content.direction.sends { content.sentRIDs = sender?.rids ?? [] }
        sections[index].local = content
    }

    mutating func write(
        _ sections: [Section], _ transport: LocalTransportParameters, setup: SDPSetup, isMixed: Bool, hasBundle: Bool
    ) throws(NegotiationError) -> String {
        sessionVersion += 1
        let origin = SessionDescription.Origin(
            // Browsers read it as a signed number.
            sessionID: configuration.sessionID & (UInt64(1) << 62 - 1), sessionVersion: sessionVersion)
        return try LocalDescription(
            origin: origin, transport: transport, setup: setup, isICELite: configuration.isICELite,
            allowsMixedExtensions: isMixed, hasBundle: hasBundle
        ).text(sections)
    }
}
