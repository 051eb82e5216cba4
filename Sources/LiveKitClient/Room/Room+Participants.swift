internal import LiveKitProtobuf
internal import Synchronization

// What the server says about the room and its participants, applied to what the program sees.
extension Room {
    func joined(_ join: Livekit_JoinResponse) {
        state.withLock { state in
            state.info = join.room
            state.server = join.serverInfo
            if state.server.version.isEmpty { state.server.version = join.serverVersion }
            if state.server.region.isEmpty { state.server.region = join.serverRegion }
        }
        _ = localParticipant.update(join.participant)
        for info in join.otherParticipants { update(info) }
    }

    func update(_ room: Livekit_Room) {
        let old = state.withLock { state in
            defer { state.info = room }
            return state.info
        }
        if old.metadata != room.metadata { hub.send(.roomMetadataChanged(metadata), of: self) }
    }

    /// The participant of a session's number, ourselves included.
    func participant(sid: String) -> Participant? {
        if localParticipant.info.sid == sid { return localParticipant }
        return remoteParticipants.values.first { $0.info.sid == sid }
    }

    func update(_ info: Livekit_ParticipantInfo) {
        let identity = Participant.Identity(from: info.identity)
        if localParticipant.identity == identity {
            updateDetails(of: localParticipant, info)
            for track in info.tracks {
                _ = localParticipant.trackPublications[Track.Sid(from: track.sid)]?.update(track)
            }
            return
        }
        let known = remoteParticipants[identity]
        if let known, known.info.sid != info.sid || info.state == .disconnected {
            // Word of an older session's end must not end the newer one.
            guard info.state != .disconnected || known.info.sid == info.sid else { return }
            state.withLock { $0.remoteParticipants[identity] = nil }
            participantLeft(known)
        }
        guard info.state != .disconnected else { return }
        if let current = remoteParticipants[identity] {
            guard updateDetails(of: current, info) else { return }
            apply(current.updateTracks(info.tracks), of: current)
        } else {
            let joined = RemoteParticipant(info, link: link)
            state.withLock { $0.remoteParticipants[identity] = joined }
            hub.send(.participantConnected(joined), of: self)
            apply(joined.updateTracks(info.tracks), of: joined)
        }
    }

    /// Tells whether the update was news.
    @discardableResult
    private func updateDetails(of participant: Participant, _ info: Livekit_ParticipantInfo) -> Bool {
        guard let old = participant.update(info) else { return false }
        if old.metadata != info.metadata {
            hub.send(.participantMetadataChanged(participant, participant.metadata), of: self)
        }
        if old.name != info.name { hub.send(.participantNameChanged(participant, info.name), of: self) }
        if old.attributes != info.attributes {
            var changed = info.attributes.filter { old.attributes[$0.key] != $0.value }
            for key in old.attributes.keys where info.attributes[key] == nil { changed[key] = "" }
            hub.send(.participantAttributesChanged(participant, changed), of: self)
        }
        return true
    }

    private func apply(_ changes: RemoteParticipant.TrackChanges, of participant: RemoteParticipant) {
        for publication in changes.added { hub.send(.trackPublished(publication, participant), of: self) }
        for publication in changes.muted {
            hub.send(.trackMuteChanged(publication, participant, isMuted: publication.isMuted), of: self)
        }
        for publication in changes.removed { trackEnded(publication, of: participant) }
    }

    func participantLeft(_ participant: RemoteParticipant) {
        for case let publication as RemoteTrackPublication in participant.trackPublications.values {
            trackEnded(publication, of: participant)
        }
        _ = participant.updateTracks([])
        hub.send(.participantDisconnected(participant), of: self)
    }

    private func trackEnded(_ publication: RemoteTrackPublication, of participant: RemoteParticipant) {
        unsubscribed(publication, of: participant)
        hub.send(.trackUnpublished(publication, participant), of: self)
    }

    func unsubscribed(_ publication: RemoteTrackPublication, of participant: RemoteParticipant) {
        guard let track = publication.track else { return }
        publication.set(track: nil)
        (track as? RemoteVideoTrack)?.output.end()
        (track as? RemoteAudioTrack)?.output.end()
        hub.send(.trackUnsubscribed(publication, participant), of: self)
    }

    func localTrackEnded(_ sid: Track.Sid) {
        guard let publication = localParticipant.remove(sid) else { return }
        _ = (publication.track as? LocalVideoTrack)?.set(feed: nil, counters: nil)
        _ = (publication.track as? LocalAudioTrack)?.set(feed: nil, counters: nil)
        publication.track?.set(sid: nil)
        hub.send(.localTrackUnpublished(publication), of: self)
    }

    func update(_ speakers: [Livekit_SpeakerInfo]) {
        for speaker in speakers {
            participant(sid: speaker.sid)?.set(speaking: speaker.active, level: speaker.level)
        }
        let everybody: [Participant] = [localParticipant] + remoteParticipants.values.map { $0 }
        let speaking = everybody.filter(\.isSpeaking).sorted { $0.audioLevel > $1.audioLevel }
        state.withLock { $0.activeSpeakers = speaking }
        hub.send(.activeSpeakersChanged(speaking), of: self)
    }

    func update(_ qualities: [Livekit_ConnectionQualityInfo]) {
        for info in qualities {
            guard let participant = participant(sid: info.participantSid) else { continue }
            let quality = ConnectionQuality(info.quality)
            guard participant.connectionQuality != quality else { continue }
            participant.set(connectionQuality: quality)
            hub.send(.connectionQualityChanged(participant, quality), of: self)
        }
    }

    func update(_ states: [Livekit_StreamStateInfo]) {
        for info in states {
            guard let participant = participant(sid: info.participantSid) as? RemoteParticipant,
                let publication = participant.publication(Track.Sid(from: info.trackSid))
            else { continue }
            let state: StreamState = info.state == .paused ? .paused : .active
            publication.set(streamState: state)
            hub.send(.streamStateChanged(publication, participant, state), of: self)
        }
    }

    /// The publication of a number, with its publisher.
    func remotePublication(_ sid: String) -> (RemoteTrackPublication, RemoteParticipant)? {
        for participant in remoteParticipants.values {
            if let publication = participant.publication(Track.Sid(from: sid)) { return (publication, participant) }
        }
        return nil
    }
}
