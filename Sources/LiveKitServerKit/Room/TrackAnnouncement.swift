internal import LiveKitCore
internal import LiveKitProtobuf

// How an announcement of a track is read.

extension Livekit_AddTrackRequest {
    /// The client's id for the track, which comes back in the msid of its offer.
    var clientTrackID: String {
        cid.isEmpty ? simulcastCodecs.first?.cid ?? "" : cid
    }

    /// Kind and source as letters of the SID, which people read in logs.
    var sidLetters: String {
        let kind = type == .video ? "V" : "A"
        return switch source {
        case .camera: kind + "C"
        case .microphone: kind + "M"
        case .screenShare: kind + "S"
        case .screenShareAudio: kind + "s"
        case .unknown, .UNRECOGNIZED: kind
        }
    }

    /// The stated features, and those that older flags mean.
    var allAudioFeatures: [Livekit_AudioTrackFeature] {
        var features = Array(audioFeatures.prefix(Livekit_AudioTrackFeature.allCases.count))
        if stereo, !features.contains(.tfStereo) { features.append(.tfStereo) }
        if disableDtx, type == .audio, !features.contains(.tfNoDtx) { features.append(.tfNoDtx) }
        return features
    }
}

extension Livekit_TrackSource {
    /// Camera and microphone share a stream, so that players keep them in step.
    var defaultStream: String {
        switch self {
        case .camera, .microphone: "camera"
        case .screenShare, .screenShareAudio: "screen_share"
        case .unknown, .UNRECOGNIZED: ""
        }
    }
}

extension Livekit_SimulcastCodec {
    /// `vp8` names a codec of the track's type; a whole media type names itself. In the place of one that is not allowed
    /// comes the first of its kind that is: clients encode what the answer says.
    func mimeType(of type: Livekit_TrackType, allowed: [String]) -> String {
        let kind = type == .video ? "video/" : "audio/"
        guard !codec.isEmpty else { return codec }
        let wanted = codec.contains("/") ? codec : kind + codec
        guard !allowed.contains(where: { $0.lowercased() == wanted.lowercased() }) else { return wanted }
        return allowed.first { $0.lowercased().hasPrefix(kind) } ?? wanted
    }
}

extension Livekit_ParticipantPermission {
    func allowsPublishing(_ source: Livekit_TrackSource) -> Bool {
        canPublish && (canPublishSources.isEmpty || canPublishSources.contains(source))
    }
}

extension PendingTrack {
    func expectation(publisher: ParticipantSID) -> ExpectedTrack {
        var track = ExpectedTrack(
            sid: sid, cid: cid, kind: info.type == .video ? .video : .audio, publisher: publisher,
            isMuted: info.muted, isStereo: info.audioFeatures.contains(.tfStereo),
            disablesDTX: info.audioFeatures.contains(.tfNoDtx), disablesRED: info.disableRed,
            isScreenShare: info.source == .screenShare)
        track.hasPacketTrailers = !info.packetTrailerFeatures.isEmpty
        track.stream = info.stream
        track.isEncrypted = info.encryption != .none
        return track
    }
}

extension Livekit_TrackInfo {
    /// Adds what only the media tells: codec, section, and the layers' streams.
    mutating func complete(with details: TrackDetails) {
        mimeType = details.mimeType
        mid = details.mid
        simulcast = details.rids.count > 1 || (details.rids.isEmpty && layers.count > 1)
        layers = layers.completed(with: details)
        let main = codecs.firstIndex { $0.mimeType.lowercased() == details.mimeType.lowercased() } ?? 0
        if codecs.isEmpty { codecs = [Livekit_SimulcastCodecInfo()] }
        codecs[main].mimeType = details.mimeType
        codecs[main].mid = details.mid
        codecs[main].layers = type == .video ? layers : []
    }
}

extension [Livekit_VideoLayer] {
    fileprivate func completed(with details: TrackDetails) -> Self {
        let sorted = self.sorted { $0.quality.rawValue < $1.quality.rawValue }
        return sorted.enumerated().map { index, layer in
            var layer = layer
            layer.spatialLayer = Int32(truncatingIfNeeded: index)
            if details.rids.indices.contains(index) { layer.rid = details.rids[index] }
            if details.ssrcs.indices.contains(index) { layer.ssrc = details.ssrcs[index] }
            return layer
        }
    }
}
