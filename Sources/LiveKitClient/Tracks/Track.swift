internal import LiveKitProtobuf
internal import Synchronization

/// A stream of pictures or sound.
public class Track: @unchecked Sendable {  // Unchecked for its subclasses: all of them hold constants and mutexes.
    /// What a track carries.
    public enum Kind: Hashable, Sendable {
        /// Sound.
        case audio
        /// Pictures.
        case video
        /// Nothing that this version knows.
        case none
    }

    /// Where a track comes from.
    public enum Source: Hashable, Sendable {
        /// Not said.
        case unknown
        /// A camera.
        case camera
        /// A microphone.
        case microphone
        /// The picture of a screen.
        case screenShareVideo
        /// The sound that goes with the picture of a screen.
        case screenShareAudio
    }

    /// A track's number, given by the server: `TR_…`.
    public struct Sid: Hashable, Sendable, CustomStringConvertible {
        /// The number as text.
        public let stringValue: String
        /// The number as text.
        public var description: String { stringValue }

        /// Wraps the number.
        public init(from text: String) {
            stringValue = text
        }
    }

    /// What the track carries.
    public let kind: Kind
    /// Where it comes from.
    public let source: Source
    /// Its name, for people.
    public let name: String

    private let sidBox = Mutex<Sid?>(nil)

    init(kind: Kind, source: Source, name: String) {
        self.kind = kind
        self.source = source
        self.name = name
    }

    /// The track's number, once published.
    public var sid: Sid? { sidBox.withLock { $0 } }

    func set(sid: Sid?) {
        sidBox.withLock { $0 = sid }
    }

    /// What was counted of the track so far.
    public func statistics() async -> TrackStatistics { TrackStatistics() }
}

extension Track.Kind {
    init(_ type: Livekit_TrackType) {
        self =
            switch type {
            case .audio: .audio
            case .video: .video
            default: .none
            }
    }
}

extension Track.Source {
    init(_ source: Livekit_TrackSource) {
        self =
            switch source {
            case .camera: .camera
            case .microphone: .microphone
            case .screenShare: .screenShareVideo
            case .screenShareAudio: .screenShareAudio
            default: .unknown
            }
    }

    var wire: Livekit_TrackSource {
        switch self {
        case .unknown: .unknown
        case .camera: .camera
        case .microphone: .microphone
        case .screenShareVideo: .screenShare
        case .screenShareAudio: .screenShareAudio
        }
    }
}
