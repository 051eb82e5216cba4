package import LiveKitCore

/// How one stream of a track fared since its last sample, a few seconds ago.
package struct StreamSample: Hashable, Sendable {
    package var track: TrackSID
    /// Whether it goes to a subscriber; what is known of it then is what that one reported.
    package var isOutgoing: Bool
    /// Packets that were to come, and those of them that did not.
    package var expected = 0
    package var lost = 0
    /// Packets that came after later ones; only known of streams that come in.
    package var late = 0
    /// RFC 3550 §6.4.1.
    package var jitter: MediaDuration = .zero
    package var roundTripTime: MediaDuration?

    package init(track: TrackSID, isOutgoing: Bool) {
        self.track = track
        self.isOutgoing = isOutgoing
    }
}
