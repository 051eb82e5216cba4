internal import LiveKitCore
internal import LiveKitProtobuf

// Who is heard, and how well everybody is connected.

extension RoomState {
    /// New loudnesses: each goes to the speaker itself and to those who are sent anything of it.
    mutating func updateSpeakers(_ reports: [AudioLevelReport]) {
        var speakers: Set<ParticipantSID> = []
        for report in reports {
            let sid = report.participant
            guard let index = participants[sid]?.tracks.firstIndex(where: { $0.sid == report.track }) else { continue }
            participants[sid]?.tracks[index].level = report.level
            speakers.insert(sid)
        }
        tellLevels(of: speakers)
    }

    /// A track is about to end: clients keep a speaker until they are told that it is silent.
    mutating func silence(_ track: TrackSID, of sid: ParticipantSID) {
        guard let index = participants[sid]?.tracks.firstIndex(where: { $0.sid == track }) else { return }
        participants[sid]?.tracks[index].level = 0
        tellLevels(of: [sid])
    }

    private mutating func tellLevels(of speakers: Set<ParticipantSID>) {
        var changed: [ParticipantSID: Float] = [:]
        for sid in speakers {
            guard let participant = participants[sid], !participant.isHidden else { continue }
            // Somebody with two microphones is as loud as the louder one.
            let level = participant.tracks.map(\.level).max() ?? 0
            guard level != participant.speakerLevel else { continue }
            participants[sid]?.speakerLevel = level
            changed[sid] = level
        }
        announceSpeakers(changed)
    }

    /// A participant is sent the first of a speaker's tracks from now on, or the last no more.
    mutating func tellLevel(of speaker: ParticipantSID, to sid: ParticipantSID) {
        guard let level = participants[speaker]?.speakerLevel, level > 0, let listener = participants[sid],
            listener.client.protocol > 2
        else { return }
        var update = Livekit_SpeakersChanged()
        update.speakers = [Livekit_SpeakerInfo(speaker, level: isSentAnything(listener, of: speaker) ? level : 0)]
        signal(sid, .speakersChanged(update))
    }

    private mutating func announceSpeakers(_ levels: [ParticipantSID: Float]) {
        guard !levels.isEmpty else { return }
        for sid in order {
            guard let listener = participants[sid], listener.client.protocol > 2 else { continue }
            var speakers = levels.compactMap { speaker, level -> Livekit_SpeakerInfo? in
                guard speaker == sid || isSentAnything(listener, of: speaker) else { return nil }
                return Livekit_SpeakerInfo(speaker, level: level)
            }
            guard !speakers.isEmpty else { continue }
            speakers.sort { $0.level == $1.level ? $0.sid < $1.sid : $0.level > $1.level }
            var update = Livekit_SpeakersChanged()
            update.speakers = speakers
            signal(sid, .speakersChanged(update))
        }
    }

    func isSentAnything(_ listener: RoomParticipant, of speaker: ParticipantSID) -> Bool {
        participants[speaker]?.tracks.contains { listener.subscriptions.contains($0.sid) } ?? false
    }

    /// The simulation `speaker_update`: the participant is heard for so long.
    mutating func simulateSpeaker(_ sid: ParticipantSID, seconds: Int32, now: MediaInstant) {
        guard participants[sid] != nil, seconds > 0 else { return }
        simulatedSpeakers[sid] = now + .seconds(min(Int64(seconds), 60))
        announceToAll(sid, level: 1)
    }

    mutating func silenceSimulatedSpeakers(now: MediaInstant) {
        for (sid, until) in simulatedSpeakers where now >= until {
            simulatedSpeakers[sid] = nil
            announceToAll(sid, level: 0)
        }
    }

    private mutating func announceToAll(_ speaker: ParticipantSID, level: Float) {
        var update = Livekit_SpeakersChanged()
        update.speakers = [Livekit_SpeakerInfo(speaker, level: level)]
        let isHidden = participants[speaker]?.isHidden ?? true
        for sid in order where !isHidden || sid == speaker {
            signal(sid, .speakersChanged(update))
        }
    }

    /// Tells each participant of its own connection and those of whom it is sent, once for each.
    mutating func reportQualities(now: MediaInstant) {
        qualitySentAt = now
        for sid in order {
            guard let participant = participants[sid], participant.state == .active, participant.client.protocol > 4
            else { continue }
            let publishers = Set(participant.subscriptions.compactMap { publisherByTrack[$0] }).union([sid])
            let news = publishers.subtracting(participant.toldQualities)
            guard !news.isEmpty else { continue }
            participants[sid]?.toldQualities.formUnion(news)
            var update = Livekit_ConnectionQualityUpdate()
            update.updates = news.map(\.rawValue).sorted().map { name in
                var info = Livekit_ConnectionQualityInfo()
                info.participantSid = name
                // No measurement exists yet; the connection stands, which is GOOD.
                info.quality = .good
                info.score = 3
                return info
            }
            signal(sid, .connectionQuality(update))
        }
    }
}

extension Livekit_SpeakerInfo {
    fileprivate init(_ speaker: ParticipantSID, level: Float) {
        self.init()
        sid = speaker.rawValue
        self.level = level
        active = level > 0
    }
}
