internal import LiveKitCore
internal import LiveKitProtobuf

// Who is heard, and how well everybody is connected.

extension RoomState {
    /// New loudnesses: each goes to the speaker itself and to those who are sent its track.
    mutating func updateSpeakers(_ reports: [AudioLevelReport]) {
        var changed: [ParticipantSID: Float] = [:]
        for report in reports {
            guard let participant = participants[report.participant], !participant.isHidden else { continue }
            // Somebody with two microphones is as loud as the louder one.
            changed[report.participant] = max(changed[report.participant] ?? 0, report.level)
        }
        changed = changed.filter { participants[$0.key]?.speakerLevel != $0.value }
        for (sid, level) in changed {
            participants[sid]?.speakerLevel = level
        }
        announceSpeakers(changed)
    }

    private mutating func announceSpeakers(_ levels: [ParticipantSID: Float]) {
        guard !levels.isEmpty else { return }
        for sid in order {
            guard let listener = participants[sid], listener.client.protocol > 2 else { continue }
            var speakers = levels.compactMap { speaker, level -> Livekit_SpeakerInfo? in
                guard speaker == sid || hears(listener, speaker) else { return nil }
                var info = Livekit_SpeakerInfo()
                info.sid = speaker.rawValue
                info.level = level
                info.active = level > 0
                return info
            }
            guard !speakers.isEmpty else { continue }
            speakers.sort { $0.level == $1.level ? $0.sid < $1.sid : $0.level > $1.level }
            var update = Livekit_SpeakersChanged()
            update.speakers = speakers
            signal(sid, .speakersChanged(update))
        }
    }

    private func hears(_ listener: RoomParticipant, _ speaker: ParticipantSID) -> Bool {
        participants[speaker]?.tracks.contains {
            $0.info.type == .audio && listener.subscriptions.contains($0.sid)
        } ?? false
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
        var info = Livekit_SpeakerInfo()
        info.sid = speaker.rawValue
        info.level = level
        info.active = level > 0
        var update = Livekit_SpeakersChanged()
        update.speakers = [info]
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
