/// A participant session's server-made identifier, `PA_…`. New with each full join of one identity.
package struct ParticipantSID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// A published track's server-made identifier, `TR_…`.
package struct TrackSID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// A room session's server-made identifier, `RM_…`.
package struct RoomSID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Which of a participant's two peer connections is meant (`SignalTarget` on the wire).
package enum PeerTarget: Hashable, Sendable {
    /// The client offers; its tracks come in here.
    case publisher
    /// The server offers; subscribed tracks go out here.
    case subscriber
}

/// The data channels that LiveKit's clients know by label.
package enum DataChannelKind: Hashable, Sendable {
    /// `_reliable`: ordered, retransmitted.
    case reliable
    /// `_lossy`: unordered, sent once.
    case lossy
    /// `_data_track`: unordered, sent once, framed data tracks.
    case dataTrack
    /// Any other label: what comes by it goes on as user packets on `_reliable`.
    case other(label: String)
}

/// What a track carries.
package enum MediaKind: Hashable, Sendable { case audio, video }
