internal import Synchronization

/// Tells delegates and `AsyncSequence`s what happens in a room.
final class RoomEvents: Sendable {
    private struct Listener: Sendable {
        weak var delegate: (any RoomDelegate)?
    }

    private struct State {
        var listeners: [Listener] = []
        var streams: [Int: AsyncStream<RoomEvent>.Continuation] = [:]
        var nextStream = 0
    }

    private let state = Mutex(State())

    func add(_ delegate: any RoomDelegate) {
        state.withLock { state in
            state.listeners.removeAll { $0.delegate == nil || $0.delegate === delegate }
            guard state.listeners.count < RoomLimits.delegates else { return }
            state.listeners.append(Listener(delegate: delegate))
        }
    }

    func remove(_ delegate: any RoomDelegate) {
        state.withLock { $0.listeners.removeAll { $0.delegate == nil || $0.delegate === delegate } }
    }

    func removeAllDelegates() {
        state.withLock { $0.listeners = [] }
    }

    var delegates: [any RoomDelegate] { state.withLock { $0.listeners.compactMap(\.delegate) } }

    /// The events from now on.
    func stream() -> AsyncStream<RoomEvent> {
        let (events, queue) = AsyncStream.makeStream(
            of: RoomEvent.self, bufferingPolicy: .bufferingNewest(RoomLimits.events))
        let number = state.withLock { state in
            state.nextStream += 1
            state.streams[state.nextStream] = queue
            return state.nextStream
        }
        queue.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.streams.removeValue(forKey: number) }
        }
        return events
    }

    /// Ends all streams, as the room goes.
    func finish() {
        let streams = state.withLock { state in
            defer { state.streams = [:] }
            return state.streams.values.map { $0 }
        }
        for stream in streams { stream.finish() }
    }

    func send(_ event: RoomEvent, of room: Room) {
        let (delegates, streams) = state.withLock { state in
            (state.listeners.compactMap(\.delegate), state.streams.values.map { $0 })
        }
        for delegate in delegates { Self.tell(delegate, event, room) }
        for stream in streams { stream.yield(event) }
    }

    private static func tell(_ delegate: any RoomDelegate, _ event: RoomEvent, _ room: Room) {
        switch event {
        case .connectionStateChanged(let state, let old):
            delegate.room(room, didUpdateConnectionState: state, from: old)
            if state == .connected { delegate.roomDidConnect(room) }
        case .disconnected(let error): delegate.room(room, didDisconnectWithError: error)
        case .roomMetadataChanged(let metadata): delegate.room(room, didUpdateMetadata: metadata)
        case .participantConnected(let who): delegate.room(room, participantDidConnect: who)
        case .participantDisconnected(let who): delegate.room(room, participantDidDisconnect: who)
        case .activeSpeakersChanged(let who): delegate.room(room, didUpdateSpeakingParticipants: who)
        case .participantMetadataChanged(let who, let metadata):
            delegate.room(room, participant: who, didUpdateMetadata: metadata)
        case .participantNameChanged(let who, let name): delegate.room(room, participant: who, didUpdateName: name)
        case .participantAttributesChanged(let who, let attributes):
            delegate.room(room, participant: who, didUpdateAttributes: attributes)
        case .connectionQualityChanged(let who, let quality):
            delegate.room(room, participant: who, didUpdateConnectionQuality: quality)
        case .dataReceived(let data, let topic, let who):
            delegate.room(room, participant: who, didReceiveData: data, forTopic: topic)
        case .localTrackPublished, .localTrackUnpublished, .trackPublished, .trackUnpublished, .trackSubscribed,
            .trackUnsubscribed, .trackMuteChanged, .streamStateChanged:
            tellOfTrack(delegate, event, room)
        }
    }

    private static func tellOfTrack(_ delegate: any RoomDelegate, _ event: RoomEvent, _ room: Room) {
        switch event {
        case .localTrackPublished(let track):
            delegate.room(room, participant: room.localParticipant, didPublishTrack: track)
        case .localTrackUnpublished(let track):
            delegate.room(room, participant: room.localParticipant, didUnpublishTrack: track)
        case .trackPublished(let track, let who): delegate.room(room, participant: who, didPublishTrack: track)
        case .trackUnpublished(let track, let who): delegate.room(room, participant: who, didUnpublishTrack: track)
        case .trackSubscribed(let track, let who): delegate.room(room, participant: who, didSubscribeTrack: track)
        case .trackUnsubscribed(let track, let who): delegate.room(room, participant: who, didUnsubscribeTrack: track)
        case .trackMuteChanged(let track, let who, let isMuted):
            delegate.room(room, participant: who, trackPublication: track, didUpdateIsMuted: isMuted)
        case .streamStateChanged(let track, let who, let state):
            delegate.room(room, participant: who, trackPublication: track, didUpdateStreamState: state)
        default: break
        }
    }
}
