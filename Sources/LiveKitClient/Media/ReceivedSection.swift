internal import LiveKitRTC

/// A media section by which the server sends us a track, as negotiated.
struct ReceivedSection: Hashable, Sendable {
    let mid: String
    let kind: SectionKind
    /// The msid's stream: `PA_…|TR_…`, or `PA_…|name` for tracks that are played in sync.
    let streamID: String
    /// The msid's track.
    let trackID: String

    /// The publisher's sid.
    var participantSID: String { String(streamID.split(separator: "|").first ?? "") }

    /// The track's sid, where the names tell it.
    var trackSID: String {
        if trackID.hasPrefix("TR_") { return trackID }
        let packed = streamID.split(separator: "|").dropFirst().first.map(String.init) ?? ""
        return packed.hasPrefix("TR_") ? packed : trackID
    }
}
