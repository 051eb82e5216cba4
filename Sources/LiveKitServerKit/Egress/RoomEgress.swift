internal import LiveKitCore
internal import LiveKitProtobuf

/// What a room has recorded by itself, and of whom that was begun.
struct RoomEgress: Sendable {
    /// For each participant when it first publishes.
    var participant: Livekit_AutoParticipantEgress?
    /// For each track.
    var tracks: Livekit_AutoTrackEgress?
    /// Who had its first track started, for which a participant is recorded once.
    var publishers: Set<ParticipantSID> = []

    init() {}

    /// - Parameter wanted: What a request, a token or a preset states. Its room is recorded from outside the room.
    init(_ wanted: Livekit_RoomEgress) {
        if wanted.hasParticipant { participant = wanted.participant }
        if wanted.hasTracks { tracks = wanted.tracks }
    }
}

// What workers are asked for.

extension Livekit_AutoParticipantEgress {
    func request(identity: String, room: Livekit_Room) -> Rpc_StartEgressRequest {
        var request = Livekit_ParticipantEgressRequest()
        request.roomName = room.name
        request.identity = identity
        request.fileOutputs = fileOutputs
        request.segmentOutputs = segmentOutputs
        switch options {
        case .preset(let preset): request.options = .preset(preset)
        case .advanced(let advanced): request.options = .advanced(advanced)
        case nil: break
        }
        var start = Rpc_StartEgressRequest()
        start.roomID = room.sid
        start.participant = request
        return start
    }
}

extension Livekit_AutoTrackEgress {
    func request(track: TrackSID, room: Livekit_Room) -> Rpc_StartEgressRequest {
        var file = Livekit_DirectFileOutput()
        file.filepath = Self.path(filepath)
        file.disableManifest = disableManifest
        switch output {
        case .s3(let s3): file.output = .s3(s3)
        case .gcp(let gcp): file.output = .gcp(gcp)
        case .azure(let azure): file.output = .azure(azure)
        case .aliOss(let aliOSS): file.output = .aliOss(aliOSS)
        case nil: break
        }
        var request = Livekit_TrackEgressRequest()
        request.roomName = room.name
        request.trackID = track.rawValue
        request.file = file
        var start = Rpc_StartEgressRequest()
        start.roomID = room.sid
        start.track = request
        return start
    }

    /// One path for all tracks would have them overwrite each other: the track's SID goes before the suffix.
    static func path(_ path: String) -> String {
        let placeholder = "{track_id}"
        guard !path.isEmpty, !path.hasSuffix("/"), !path.contains(placeholder) else { return path }
        let name = path.lastIndex(of: "/").map { path[$0...] } ?? path[...]
        let suffix = name.firstIndex(of: ".") ?? path.endIndex
        return path[..<suffix] + "-" + placeholder + path[suffix...]
    }
}

extension Livekit_RoomCompositeEgressRequest {
    func request(room: Livekit_Room) -> Rpc_StartEgressRequest {
        var composite = self
        composite.roomName = room.name
        var start = Rpc_StartEgressRequest()
        start.roomID = room.sid
        start.roomComposite = composite
        return start
    }
}
