internal import LiveKitProtobuf
internal import Synchronization

extension Room {
    /// Joins the room that the token is for.
    ///
    /// - Parameters:
    ///   - url: The server, `ws://…` or `wss://…`.
    ///   - token: What the server lets us in by.
    ///   - connectOptions: How to connect, instead of what was said before.
    ///   - roomOptions: What the room does, instead of what was said before.
    /// - Throws: ``LiveKitError`` of type ``LiveKitErrorType/invalidState`` unless the room is disconnected,
    ///   ``LiveKitErrorType/failedToParseURL``, ``LiveKitErrorType/network``, ``LiveKitErrorType/validation`` or
    ///   ``LiveKitErrorType/insufficientPermissions`` with the server's words, ``LiveKitErrorType/timedOut``,
    ///   ``LiveKitErrorType/webRTC`` or ``LiveKitErrorType/cancelled``.
    public func connect(
        url: String, token: String, connectOptions: ConnectOptions? = nil, roomOptions: RoomOptions? = nil
    ) async throws {
        try begin(url: url, token: token, connectOptions, roomOptions)
        hub.send(.connectionStateChanged(.connecting, from: .disconnected), of: self)
        let (options, defaults) = state.withLock { ($0.connectOptions, $0.roomOptions) }
        var begun: RoomSession?
        do {
            let endpoint = try SignalEndpoint(url)
            let signal = try await SignalClient.connect(endpoint, token: token, options: options)
            let session = RoomSession(
                room: self, signal: signal, endpoint: endpoint, connectOptions: options, roomOptions: defaults)
            begun = session
            link.set(session)
            try await session.join()
            try becomeConnected()
        } catch {
            // Where the session ended meanwhile, what was just being done failed only because of that.
            let failure = await begun?.ending ?? LiveKitError.wrapping(error)
            await link.take()?.end(failure)
            setConnectionState(.disconnected)
            state.withLock { $0.disconnectError = failure }
            for delegate in hub.delegates { delegate.room(self, didFailToConnectWithError: failure) }
            throw failure
        }
    }

    private func begin(
        url: String, token: String, _ connectOptions: ConnectOptions?, _ roomOptions: RoomOptions?
    ) throws(LiveKitError) {
        let isFree = state.withLock { state in
            guard state.connectionState == .disconnected else { return false }
            state.connectionState = .connecting
            state.url = url
            state.token = token
            state.disconnectError = nil
            if let connectOptions { state.connectOptions = connectOptions }
            if let roomOptions { state.roomOptions = roomOptions }
            return true
        }
        guard isFree else { throw LiveKitError(.invalidState, message: "The room is connected already.") }
    }

    private func becomeConnected() throws(LiveKitError) {
        // The session may have ended while it became ready.
        _ = try link.session
        setConnectionState(.connected)
    }

    /// Leaves the room. Does nothing when the room is not connected.
    public func disconnect() async {
        await link.take()?.leave()
    }

    func setConnectionState(_ next: ConnectionState) {
        let old = state.withLock { state in
            defer { state.connectionState = next }
            return state.connectionState
        }
        if old != next { hub.send(.connectionStateChanged(next, from: old), of: self) }
    }

    /// The session is over: everybody is gone.
    func sessionEnded(_ error: LiveKitError?) {
        _ = link.take()
        let (wasConnected, others) = state.withLock { state in
            defer {
                state.remoteParticipants = [:]
                state.activeSpeakers = []
                state.disconnectError = error
            }
            return (state.connectionState == .connected, state.remoteParticipants.values.map { $0 })
        }
        for participant in others { participantLeft(participant) }
        for publication in localParticipant.localTrackPublications { localTrackEnded(publication.sid) }
        guard wasConnected else { return }
        setConnectionState(.disconnected)
        hub.send(.disconnected(error), of: self)
    }
}
