internal import LiveKitCore
internal import LiveKitProtobuf

// What the forwarding half reports.

extension RoomState {
    mutating func receive(_ event: MediaEvent, now: MediaInstant) {
        switch event {
        case .answer(let sid, let sdp, let id, let midToTrackID):
            signal(sid, .answer(Livekit_SessionDescription(type: "answer", sdp, id: id, midToTrackID)))
        case .offer(let sid, let sdp, let id, let midToTrackID):
            signal(sid, .offer(Livekit_SessionDescription(type: "offer", sdp, id: id, midToTrackID)))
        case .sectionsRequired(let sid, let audio, let video):
            var requirement = Livekit_MediaSectionsRequirement()
            requirement.numAudios = UInt32(clamping: audio)
            requirement.numVideos = UInt32(clamping: video)
            signal(sid, .mediaSectionsRequirement(requirement))
        case .localCandidate(let sid, let target, let candidate, let mid, let index):
            var trickle = Livekit_TrickleRequest()
            trickle.candidateInit = CandidateInit(candidate: candidate, mid: mid, index: index).json
            trickle.target = target == .subscriber ? .subscriber : .publisher
            signal(sid, .trickle(trickle))
        case .answerMissing(let sid):
            // Somebody who is away cannot answer; it will be offered again when it is back.
            guard let participant = participants[sid], participant.signalLostAt == nil else { return }
            remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
        case .negotiationFailed(let sid, let target, let reason):
            emit(.notice(.negotiationFailed(sid, reason: "\(target): \(reason)")))
        case .connectionState(let sid, let target, let state):
            connectionChanged(sid, target, state, now: now)
        case .trackStarted(let sid, let track, let details):
            trackStarted(track, from: sid, details, now: now)
        case .trackEnded(let track):
            trackEnded(track, now: now)
        case .codecRefused(let sid, let track):
            codecRefused(track, by: sid, now: now)
        case .answerOutdated(let sid, let id, let expected):
            emit(.notice(.answerOutdated(sid, id: id, expected: expected)))
        case .data(let sid, let channel, let bytes):
            receiveData(bytes, channel, from: sid, now: now)
        case .dataChannelOpened(let sid, let channel):
            dataChannelOpened(channel, of: sid)
        case .dataChannelFailed(let sid, let channel):
            dataChannelFailed(channel, of: sid, now: now)
        case .audioLevels(let reports):
            updateSpeakers(reports)
        case .streamStates(let sid, let reports):
            for report in reports where participants[sid]?.subscriptions.contains(report.track) == true {
                participants[sid]?.streamStates[report.track] = report
            }
            tellStreamStates(reports, to: sid)
        case .subscribed(let sid, let track):
            subscriptionBegan(track, of: sid)
        case .tally, .streams:
            // For the controller's metrics; nothing is decided by it.
            break
        }
    }

    /// What a subscriber does not see because its path is too narrow.
    mutating func tellStreamStates(_ reports: [StreamStateReport], to sid: ParticipantSID) {
        guard !reports.isEmpty else { return }
        var update = Livekit_StreamStateUpdate()
        update.streamStates = reports.map { report in
            var info = Livekit_StreamStateInfo()
            info.participantSid = report.publisher.rawValue
            info.trackSid = report.track.rawValue
            info.state = report.isPaused ? .paused : .active
            return info
        }
        signal(sid, .streamStateUpdate(update))
    }
}

extension Livekit_SessionDescription {
    fileprivate init(type: String, _ sdp: String, id: UInt32, _ midToTrackID: [String: String]) {
        self.init()
        self.type = type
        self.sdp = sdp
        self.id = id
        self.midToTrackID = midToTrackID
    }
}
