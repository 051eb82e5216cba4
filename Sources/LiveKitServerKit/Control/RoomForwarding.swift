internal import LiveKitCore
internal import LiveKitProtobuf

/// A participant whose tracks go to another room as well.
struct RoomForwarding: Sendable {
    let participant: ParticipantSID
    let destination: RoomController
    /// What the other room was told last.
    var shown: Livekit_ParticipantInfo?
    /// How often it was asked for: whoever ends it must not end what was asked for anew meanwhile.
    var asked = 1

    func leads(_ sid: ParticipantSID, to other: RoomController) -> Bool {
        participant == sid && destination === other
    }
}

/// Why a participant is not forwarded.
enum ForwardingRefusal: Error {
    /// Nobody in the room has that identity, or is forwarded to it itself.
    case unknownParticipant
    /// It is forwarded to as many rooms as may be.
    case tooMany
}

extension RoomController {
    /// Forwards a participant's tracks to another room, until it leaves here or is removed there.
    func forward(_ identity: String, to other: RoomController) async throws(ForwardingRefusal) {
        guard let sid = participant(named: identity)?.sid else { throw .unknownParticipant }
        // It may have been removed there before.
        await other.allowForwarded(sid)
        guard let participant = participant(sid), !participant.isForwarded else { throw .unknownParticipant }
        if let index = forwardings.firstIndex(where: { $0.leads(sid, to: other) }) {
            forwardings[index].shown = nil
            forwardings[index].asked += 1
        } else {
            let count = forwardings.count { $0.participant == sid }
            guard count < RoomBounds.forwardings else { throw .tooMany }
            forwardings.append(RoomForwarding(participant: sid, destination: other))
        }
        setForwardedElsewhere(true, sid)
        forwardingWakes.continuation.yield()
    }

    /// Tells other rooms what is new of the participants forwarded to them. One run at a time, so that nothing is told
    /// out of order.
    func updateForwardings() async {
        for forwarding in forwardings {
            let (sid, destination) = (forwarding.participant, forwarding.destination)
            if let participant = participant(sid) {
                guard participant.state == .active else { continue }
                if participant.info == forwarding.shown, await destination.showsForwarded(sid) { continue }
                if let index = forwardings.firstIndex(where: { $0.leads(sid, to: destination) }) {
                    forwardings[index].shown = participant.info
                }
                for track in participant.tracks { lendMedia(track.sid, to: destination) }
                if await destination.showForwarded(participant) { continue }
            }
            forwardings.removeAll { $0.leads(sid, to: destination) && $0.asked == forwarding.asked }
            guard !forwardings.contains(where: { $0.leads(sid, to: destination) }) else { continue }
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
