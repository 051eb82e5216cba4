internal import LiveKitProtobuf
internal import Synchronization

/// Somebody in a room: a person, an agent, a bot.
public class Participant: @unchecked Sendable {  // Unchecked for its subclasses: constants and mutexes alone.
    /// What a participant is called by programs; one of each in a room.
    public struct Identity: Hashable, Sendable, CustomStringConvertible {
        /// The identity as text.
        public let stringValue: String
        /// The identity as text.
        public var description: String { stringValue }

        /// Wraps the identity.
        public init(from text: String) {
            stringValue = text
        }
    }

    /// The number of a participant's session, given by the server: `PA_…`.
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

    struct State {
        var info = Livekit_ParticipantInfo()
        var publications: [Track.Sid: TrackPublication] = [:]
        var connectionQuality = ConnectionQuality.unknown
        var audioLevel: Float = 0
        var isSpeaking = false
    }

    let link: SessionLink
    let state: Mutex<State>

    init(_ info: Livekit_ParticipantInfo, link: SessionLink) {
        self.link = link
        state = Mutex(State(info: info))
    }

    var info: Livekit_ParticipantInfo { state.withLock { $0.info } }

    /// The number of the session; `nil` before it began.
    public var sid: Sid? {
        let sid = info.sid
        return sid.isEmpty ? nil : Sid(from: sid)
    }
    /// The identity; `nil` before the session began.
    public var identity: Identity? {
        let identity = info.identity
        return identity.isEmpty ? nil : Identity(from: identity)
    }
    /// The name, for people.
    public var name: String? {
        let name = info.name
        return name.isEmpty ? nil : name
    }
    /// Whatever the participant or its token wanted others to know.
    public var metadata: String? {
        let metadata = info.metadata
        return metadata.isEmpty ? nil : metadata
    }
    /// The same, by key.
    public var attributes: [String: String] { info.attributes }
    /// Where the participant's session stands.
    public var participantState: ParticipantState { ParticipantState(info.state) }
    /// What kind of participant it is.
    public var kind: Kind { Kind(info.kind) }
    /// What the participant may do.
    public var permissions: ParticipantPermissions { ParticipantPermissions(info.permission) }
    /// How good the participant's connection is.
    public var connectionQuality: ConnectionQuality { state.withLock { $0.connectionQuality } }
    /// How loud the participant speaks, 0...1.
    public var audioLevel: Float { state.withLock { $0.audioLevel } }
    /// Whether the participant speaks.
    public var isSpeaking: Bool { state.withLock { $0.isSpeaking } }
    /// What the participant publishes.
    public var trackPublications: [Track.Sid: TrackPublication] { state.withLock { $0.publications } }
    /// What the participant publishes of sound.
    public var audioTracks: [TrackPublication] { trackPublications.values.filter { $0.kind == .audio } }
    /// What the participant publishes of pictures.
    public var videoTracks: [TrackPublication] { trackPublications.values.filter { $0.kind == .video } }

    /// Takes over what the server says, and tells what it said before. `nil` if it is older than what we know.
    func update(_ info: Livekit_ParticipantInfo) -> Livekit_ParticipantInfo? {
        state.withLock { state in
            guard state.info.sid != info.sid || info.version >= state.info.version else { return nil }
            defer { state.info = info }
            return state.info
        }
    }

    func set(speaking isSpeaking: Bool, level: Float) {
        state.withLock { state in
            state.isSpeaking = isSpeaking
            state.audioLevel = isSpeaking ? level : 0
        }
    }

    func set(connectionQuality: ConnectionQuality) {
        state.withLock { $0.connectionQuality = connectionQuality }
    }
}
