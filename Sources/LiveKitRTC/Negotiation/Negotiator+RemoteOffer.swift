internal import LiveKitCore

extension Negotiator {
    /// Takes the peer's offer, to be answered by ``createAnswer(_:)``. Its sections meet the transceivers that
    /// have their names; new ones meet a transceiver that waits to send, or get one that receives.
    package mutating func applyRemoteOffer(_ text: String) throws(NegotiationError) -> RemoteOffer {
        try requireState(.stable)
        var next = self
        next.saveRollbackPoint()
        let remote = try RemoteDescription(parsing: text, maxSections: configuration.maxSections)
        guard remote.sections.count >= sections.count else { throw .sectionsChanged }
        for index in remote.sections.indices { try next.meet(remote, index) }
        next.pendingRemote = remote
        next.state = .haveRemoteOffer

        let first = remote.sections.indices.first(where: remote.isUsable)
        var transport: RemoteTransportParameters?
        if let first { transport = try remote.transport(ofSection: first) }
        let offer = RemoteOffer(
            sections: next.offeredSections(remote), transport: transport, isICERestart: isRestart(transport))
        self = next
        return offer
    }

    func isRestart(_ transport: RemoteTransportParameters?) -> Bool {
        guard let old = negotiated?.remoteTransport, let transport else { return false }
        return old.isRestarted(by: transport)
    }

    private mutating func meet(_ remote: RemoteDescription, _ index: Int) throws(NegotiationError) {
        let offered = remote.sections[index]
        if sections.indices.contains(index) {
            let old = sections[index]
            let isSame = offered.isRejected || (old.mid == offered.mid && old.kind == offered.kind)
            guard isSame || old.isRejected else { throw .sectionsChanged }
            if old.isRejected, !offered.isRejected { sections[index] = Section(offered) }
            sections[index].isRejected = offered.isRejected
        } else {
            sections.append(Section(offered))
            sections[index].isRejected = offered.isRejected
        }
        // The peer's own m= line is repeated, whatever ours was.
        sections[index].formats = offered.formats
        sections[index].transportProtocol = offered.transportProtocol
        guard remote.isUsable(index), offered.kind == .audio || offered.kind == .video else { return }
        associate(index, offered)
        for position in transceivers.indices where transceivers[position].sectionIndex == index {
            transceivers[position].isOfferedToReceive = offered.direction.receives
        }
    }

    /// RFC 8829 §5.10: by name; else a transceiver of ours that waits to send to a peer that would receive, and only
    /// that unless ours would receive as well; else a new one that receives.
    private mutating func associate(_ index: Int, _ offered: RemoteSection) {
        guard transceiver(ofSection: index) == nil else { return }
        let waiting = transceivers.firstIndex { transceiver in
            transceiver.sectionIndex == nil && transceiver.kind == offered.kind && transceiver.direction.sends
                && (transceiver.direction.receives || !offered.direction.sends)
        }
        if offered.direction.receives, let waiting {
            transceivers[waiting].sectionIndex = index
            return
        }
        _ = makeTransceiver(offered.kind, direction: .recvonly, sender: nil, isRemotelyCreated: true)
        transceivers[transceivers.count - 1].sectionIndex = index
    }

    private func offeredSections(_ remote: RemoteDescription) -> [RemoteOffer.Section] {
        remote.sections.indices.filter(remote.isUsable).map { index in
            let section = remote.sections[index]
            return RemoteOffer.Section(
                index: index, mid: section.mid ?? "", kind: section.kind, direction: section.direction,
                codecs: section.codecs, remote: section.parameters, transceiver: transceiver(ofSection: index)?.id)
        }
    }
}
