internal import LiveKitProtobuf
internal import Synchronization

/// A track as its room knows it: announced, subscribed to or not.
public class TrackPublication: @unchecked Sendable {  // Unchecked for its subclasses: constants and mutexes alone.
    private struct State {
        var info: Livekit_TrackInfo
        var track: Track?
    }

    /// The track's number.
    public let sid: Track.Sid
    /// What the track carries.
    public let kind: Track.Kind
    private let state: Mutex<State>

    init(_ info: Livekit_TrackInfo, track: Track?) {
        sid = Track.Sid(from: info.sid)
        kind = Track.Kind(info.type)
        state = Mutex(State(info: info, track: track))
    }

    var info: Livekit_TrackInfo { state.withLock { $0.info } }

    /// The track's name, for people.
    public var name: String { info.name }
    /// Where the track comes from.
    public var source: Track.Source { Track.Source(info.source) }
    /// Whether the publisher holds its pictures or its sound back.
    public var isMuted: Bool { info.muted }
    /// The codec, such as `video/VP8`; empty before the server knows it.
    public var mimeType: String { info.mimeType }
    /// The size of the pictures; `nil` for sound.
    public var dimensions: Dimensions? {
        let info = info
        guard kind == .video, info.width > 0 else { return nil }
        return Dimensions(width: Int(info.width), height: Int(info.height))
    }
    /// Whether the publisher sends the pictures in several sizes.
    public var isSimulcasted: Bool { info.codecs.contains { $0.layers.count > 1 } }
    /// The track itself: always there for one of ours, for one of another participant's while subscribed.
    public var track: Track? { state.withLock { $0.track } }
    /// Whether the track itself is here.
    public var isSubscribed: Bool { track != nil }

    /// Takes over what the server says, and tells what it said before.
    func update(_ info: Livekit_TrackInfo) -> Livekit_TrackInfo {
        state.withLock { state in
            defer { state.info = info }
            return state.info
        }
    }

    func set(muted: Bool) {
        state.withLock { $0.info.muted = muted }
    }

    func set(track: Track?) {
        state.withLock { $0.track = track }
    }
}
