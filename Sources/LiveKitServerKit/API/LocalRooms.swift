internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// What the API asks of the rooms of this node, whichever node was asked. Who asks was checked there.
struct LocalRooms: Sendable {
    let registry: RoomRegistry
    let limits: LiveKitServerConfiguration.Limits
    let peers: NodePeers?
    /// `nil` without Redis.
    let egress: EgressLauncher?

    func createRoom(_ request: Livekit_CreateRoomRequest) async throws(TwirpError) -> Livekit_Room {
        let created: RoomRegistry.Created
        do {
            created = try await registry.create(request.name, CreateSettings(request))
        } catch .invalid(let message) {
            throw TwirpError(.invalidArgument, message)
        } catch {
            throw TwirpError(.unavailable, "no more rooms can be made")
        }
        if let recording = created.recording { try await record(created.info, recording) }
        // Who is told that it is there finds it, on whichever node he looks.
        await registry.settle()
        return created.info
    }

    /// Has a new room recorded. One that cannot be ends, so that who asks again gets it as it was wanted.
    private func record(
        _ room: Livekit_Room, _ recording: Livekit_RoomCompositeEgressRequest
    ) async throws(TwirpError) {
        do throws(RPCError) {
            guard let egress else { throw .egressNotConnected }
            _ = try await egress.start(recording.request(room: room))
        } catch {
            await registry.abandon(room)
            await registry.settle()
            throw TwirpError(error)
        }
    }

    func deleteRoom(_ request: Livekit_DeleteRoomRequest) async throws(TwirpError) -> Livekit_DeleteRoomResponse {
        guard await registry.delete(request.room) else { throw .roomNotFound }
        // As with one that was made: the next look, wherever it goes, does not find it.
        await registry.settle()
        return Livekit_DeleteRoomResponse()
    }

    func updateRoomMetadata(
        _ request: Livekit_UpdateRoomMetadataRequest
    ) async throws(TwirpError) -> Livekit_Room {
        let room = try await room(request.room)
        do {
            return try await room.change { state, now in
                try state.updateRoomMetadata(request.metadata, now: now)
                return state.currentInfo
            }
        } catch {
            throw .exceeding("metadata size exceeds limits", limits.metadataBytes)
        }
    }

    func sendData(_ request: Livekit_SendDataRequest) async throws(TwirpError) -> Livekit_SendDataResponse {
        let room = try await room(request.room)
        await room.change { state, _ in state.sendData(request) }
        return Livekit_SendDataResponse()
    }

    /// Lets an identity in no more with tokens of before some time, where a request wants that; all nodes hear of it.
    func revokeTokensEverywhere(_ request: Livekit_RoomParticipantIdentity) async {
        guard request.revokeTokenTs > 0 else { return }
        await revokeTokens(request)
        await peers?.tellRevoked(request)
    }

    /// The same at this node.
    func revokeTokens(_ request: Livekit_RoomParticipantIdentity) async {
        let date = NumericDate(secondsSinceEpoch: request.revokeTokenTs)
        await registry.revokeTokens(of: request.identity, room: request.room, before: date)
    }

    func room(_ name: String) async throws(TwirpError) -> RoomController {
        guard let room = await registry.room(named: name) else { throw .roomNotFound }
        return room
    }

    /// A room that is made where joining would make it too.
    func openRoom(_ name: String) async throws(TwirpError) -> RoomController {
        do {
            return try await registry.openForAPI(name)
        } catch .roomNotFound {
            throw .roomNotFound
        } catch {
            throw TwirpError(.unavailable, "no more rooms can be made")
        }
    }
}
