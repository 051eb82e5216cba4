internal import Logging

extension Logger {
    /// One line for each thing that happened in a room.
    func record(_ notice: RoomNotice) {
        switch notice {
        case .participantJoined(let sid, let identity):
            info("participant joined", metadata: ["participant": "\(identity)", "participantID": "\(sid)"])
        case .participantActive(let sid, let identity):
            info("participant active", metadata: ["participant": "\(identity)", "participantID": "\(sid)"])
        case .participantResumed(let sid, let identity):
            info("participant resumed", metadata: ["participant": "\(identity)", "participantID": "\(sid)"])
        case .participantLeft(let sid, let identity, let reason):
            info(
                "participant left",
                metadata: ["participant": "\(identity)", "participantID": "\(sid)", "reason": "\(reason)"])
        case .trackPublished(let sid, let track):
            info("track published", metadata: ["participantID": "\(sid)", "trackID": "\(track)"])
        case .trackUnpublished(let sid, let track):
            info("track unpublished", metadata: ["participantID": "\(sid)", "trackID": "\(track)"])
        case .dataDropped(let sid, let reason):
            debug("data packet dropped", metadata: ["participantID": "\(sid)", "reason": "\(reason.rawValue)"])
        case .negotiationFailed(let sid, let reason):
            warning("negotiation failed", metadata: ["participantID": "\(sid)", "reason": "\(reason)"])
        case .answerOutdated(let sid, let id, let expected):
            warning(
                "sdp state: an answer to another offer",
                metadata: ["participantID": "\(sid)", "id": "\(id)", "expected": "\(expected)"])
        case .subscriptionFailed(let sid, let track):
            warning("subscribed track does not start", metadata: ["participantID": "\(sid)", "trackID": "\(track)"])
        case .publicationFailed(let sid, let track):
            warning("announced track does not start", metadata: ["participantID": "\(sid)", "trackID": "\(track)"])
        case .dataChannelFailed(let sid, let channel):
            warning("data channel failed", metadata: ["participantID": "\(sid)", "channel": "\(channel.label)"])
        case .fellBack(let sid, let identity, let way):
            info(
                "media does not hold, going another way",
                metadata: ["participant": "\(identity)", "participantID": "\(sid)", "way": "\(way.rawValue)"])
        case .dispatchRefused(let agent):
            warning("an agent's dispatch cannot be: its deployment is no name", metadata: ["agent": "\(agent)"])
        case .dataStreamBegan:
            break
        case .closed(let reason):
            debug("room ended", metadata: ["reason": "\(reason)"])
        }
    }
}
