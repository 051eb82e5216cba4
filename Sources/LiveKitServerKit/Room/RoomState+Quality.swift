internal import LiveKitCore
internal import LiveKitProtobuf

// The highest quality that a subscriber may have, whatever its client asks for.

/// Attributes of a participant by which tokens and the API set limits. A participant cannot change its own.
enum LimitingAttribute {
    /// `low`, `medium` or `high`: the best layer of video that the participant is sent.
    static let maximumVideoQuality = "lk.limit.video_quality"
    private static let prefix = "lk.limit."

    /// What a participant may set itself.
    static func permitted(_ attributes: [String: String]) -> [String: String] {
        attributes.filter { !$0.key.hasPrefix(prefix) }
    }
}

extension RoomParticipant {
    /// The highest layer it may have; `nil` without a limit.
    var layerLimit: Int? {
        switch attributes[LimitingAttribute.maximumVideoQuality]?.lowercased() {
        case "low": Livekit_VideoQuality.low.layerIndex
        case "medium": Livekit_VideoQuality.medium.layerIndex
        default: nil
        }
    }
}

extension RoomState {
    /// A participant's wish for a track, cut to what it may have; `nil` when there is nothing to say.
    func settings(of track: TrackSID, for sid: ParticipantSID) -> TrackSettings? {
        let wanted = participants[sid]?.wishes[track]?.stated?.settings(of: publishedTrack(track)?.info)
        guard let layerLimit = participants[sid]?.layerLimit else { return wanted }
        var settings = wanted ?? TrackSettings()
        settings.maximumLayer = min(settings.maximumLayer, layerLimit)
        return settings
    }

    /// Carries a changed limit out, for all that the participant is sent.
    mutating func applyLayerLimit(of sid: ParticipantSID, before: Int?, now: MediaInstant) {
        guard let participant = participants[sid], participant.layerLimit != before else { return }
        for track in participant.subscriptions {
            emit(.media(.setTrackSettings(sid, track, effectiveSettings(of: track, for: sid) ?? TrackSettings())))
            updateDemand(of: track, now: now)
        }
    }
}
