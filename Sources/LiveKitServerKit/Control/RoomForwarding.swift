internal import LiveKitCore
internal import LiveKitProtobuf

/// A participant whose tracks go to another room as well.
struct RoomForwarding: Sendable {
    let participant: ParticipantSID
    let destination: RoomController
    /// What the other room was told last.
    var shown: Livekit_ParticipantInfo?

    func leads(_ sid: ParticipantSID, to other: RoomController) -> Bool {
        participant == sid && destination === other
    }
}

extension RoomController {
    /// Forwards a participant's tracks to another room, until it leaves here or is removed there.
    ///
    /// - Returns: `false` when nobody here has that identity, or it is forwarded to as many rooms as may be.
    func forward(_ identity: String, to other: RoomController) async -> Bool {
        guard let participant = participant(named: identity), !participant.isForwarded else { return false }
        if let index = forwardings.firstIndex(where: { $0.leads(participant.sid, to: other) }) {
            // It may have been removed there since.
            forwardings[index].shown = nil
        } else {
            let count = forwardings.count { $0.participant == participant.sid }
            guard count < RoomBounds.forwardings else { return false }
            forwardings.append(RoomForwarding(participant: participant.sid, destination: other))
        }
        setForwardedElsewhere(true, participant.sid)
        await other.allowForwarded(participant.sid)
        forwardingWakes.continuation.yield()
        return true
    }

    /// Tells other rooms what is new of the participants forwarded to them. One run at a time, so that nothing is told
    /// out of order.
    func updateForwardings() async {
        for forwarding in forwardings {
            let (sid, destination) = (forwarding.participant, forwarding.destination)
            if let participant = participant(sid) {
                guard participant.state == .active, participant.info != forwarding.shown else { continue }
                if let index = forwardings.firstIndex(where: { $0.leads(sid, to: destination) }) {
                    forwardings[index].shown = participant.info
                }
                for track in participant.tracks { lendMedia(track.sid, to: destination) }
                if await destination.showForwarded(participant) { continue }
            }
            forwardings.removeAll { $0.leads(sid, to: destination) }
            setForwardedElsewhere(forwardings.contains { $0.participant == sid }, sid)
            await destination.hideForwarded(sid)
        }
    }

    /// The room ends, and with it what it forwards.
    func endForwardings() async {
        let ended = forwardings
        forwardings = []
        for forwarding in ended { await forwarding.destination.hideForwarded(forwarding.participant) }
    }
}
