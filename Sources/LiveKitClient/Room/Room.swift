internal import LiveKitProtobuf
internal import Synchronization

/// A room of a LiveKit server, and our session in it.
///
/// ```swift
/// let room = Room()
/// try await room.connect(url: "ws://localhost:7880", token: token)
/// try await room.localParticipant.publish(data: Array("hello".utf8))
/// for await event in room.events {
///     if case .trackSubscribed(let publication, let participant) = event { … }
/// }
/// ```
///
/// When the signalling or the media connection is lost, the session ends with an error; the room can then be
/// connected again.
public final class Room: Sendable {
    /// A room's number, given by the server: `RM_…`.
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
        var info = Livekit_Room()
        var connectionState = ConnectionState.disconnected
        var server = Livekit_ServerInfo()
        var remoteParticipants: [Participant.Identity: RemoteParticipant] = [:]
        var activeSpeakers: [Participant] = []
        var connectOptions: ConnectOptions
        var roomOptions: RoomOptions
        var url: String?
        var token: String?
        var disconnectError: LiveKitError?
    }

    let state: Mutex<State>
    let hub = RoomEvents()
    let link = SessionLink()
    /// Ourselves.
    public let localParticipant: LocalParticipant

    /// Creates a room that is not connected.
    ///
    /// - Parameters:
    ///   - delegate: Is told what happens; held weakly.
    ///   - connectOptions: How to connect, unless ``connect(url:token:connectOptions:roomOptions:)`` says otherwise.
    ///   - roomOptions: What the room does unless a call says otherwise.
    public init(
        delegate: (any RoomDelegate)? = nil, connectOptions: ConnectOptions = ConnectOptions(),
        roomOptions: RoomOptions = RoomOptions()
    ) {
        state = Mutex(State(connectOptions: connectOptions, roomOptions: roomOptions))
        localParticipant = LocalParticipant(Livekit_ParticipantInfo(), link: link)
        if let delegate { hub.add(delegate) }
    }

    deinit {
        link.take()?.abandon()
        hub.finish()
    }

    /// The room's number; `nil` before it is known.
    public var sid: Sid? {
        let sid = state.withLock { $0.info.sid }
        return sid.isEmpty ? nil : Sid(from: sid)
    }
    /// The room's name; `nil` before it is known.
    public var name: String? {
        let name = state.withLock { $0.info.name }
        return name.isEmpty ? nil : name
    }
    /// Whatever the room's creator wanted participants to know.
    public var metadata: String? {
        let metadata = state.withLock { $0.info.metadata }
        return metadata.isEmpty ? nil : metadata
    }
    /// How many take part, as the server counts now and then.
    public var participantCount: Int { state.withLock { Int($0.info.numParticipants) } }
    /// How many publish, as the server counts now and then.
    public var publishersCount: Int { state.withLock { Int($0.info.numPublishers) } }
    /// Whether somebody records the room.
    public var isRecording: Bool { state.withLock { $0.info.activeRecording } }
    /// Where the connection stands.
    public var connectionState: ConnectionState { state.withLock { $0.connectionState } }
    /// The others, by identity.
    public var remoteParticipants: [Participant.Identity: RemoteParticipant] {
        state.withLock { $0.remoteParticipants }
    }
    /// Who speaks, the loudest first.
    public var activeSpeakers: [Participant] { state.withLock { $0.activeSpeakers } }
    /// The server's version; `nil` before it is known.
    public var serverVersion: String? {
        let version = state.withLock { $0.server.version }
        return version.isEmpty ? nil : version
    }
    /// Where the server is; `nil` if it does not say.
    public var serverRegion: String? {
        let region = state.withLock { $0.server.region }
        return region.isEmpty ? nil : region
    }
    /// Which server it is; `nil` before it is known.
    public var serverNodeId: String? {
        let node = state.withLock { $0.server.nodeID }
        return node.isEmpty ? nil : node
    }
    /// The server's URL, as it was given.
    public var url: String? { state.withLock { $0.url } }
    /// Our token, as the server last renewed it.
    public var token: String? { state.withLock { $0.token } }
    /// Why the last session ended; `nil` if we wanted it.
    public var disconnectError: LiveKitError? { state.withLock { $0.disconnectError } }

    /// What happens from now on. Each access begins a sequence of its own, which ends with the room; a reader that
    /// cannot keep up misses the oldest of the 256 events that wait.
    public var events: AsyncStream<RoomEvent> { hub.stream() }

    /// Tells `delegate` what happens. Delegates are held weakly; a room has 32 at most.
    public func add(delegate: any RoomDelegate) {
        hub.add(delegate)
    }

    /// Tells `delegate` nothing any more.
    public func remove(delegate: any RoomDelegate) {
        hub.remove(delegate)
    }

    /// Tells no delegate anything any more.
    public func removeAllDelegates() {
        hub.removeAllDelegates()
    }
}
