internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// `livekit.RoomService`: rooms and participants administered from outside.
struct RoomService: Sendable {
    let registry: RoomRegistry
    let limits: LiveKitServerConfiguration.Limits
    /// What the other nodes wrote down, where there are any.
    var store: RoomStore?

    // MARK: Rooms

    func createRoom(
        _ request: Livekit_CreateRoomRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_Room {
        try require(claims) { $0.roomCreate }
        guard limits.allows(roomName: request.name) else {
            throw TwirpError(.invalidArgument, "room name length exceeds the limit")
        }
        guard limits.allows(metadata: request.metadata) else {
            throw TwirpError(.invalidArgument, "metadata size exceeds limits")
        }
        do {
            return try await registry.create(request.name, CreateSettings(request))
        } catch {
            throw TwirpError(.unavailable, "no more rooms can be made")
        }
    }

    func listRooms(
        _ request: Livekit_ListRoomsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListRoomsResponse {
        try require(claims) { $0.roomList }
        let names = Set(request.names)
        var response = Livekit_ListRoomsResponse()
        for room in await registry.all where names.isEmpty || names.contains(room.name) {
            if let info = await room.info { response.rooms.append(info) }
        }
        let here = Set(response.rooms.map(\.name))
        do throws(RedisError) {
            let known = try await store?.rooms(named: request.names) ?? []
            response.rooms += known.filter { !here.contains($0.name) }
        } catch {
            throw TwirpError(.unavailable, "the rooms of other nodes are not known now")
        }
        return response
    }

    func deleteRoom(
        _ request: Livekit_DeleteRoomRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_DeleteRoomResponse {
        try require(claims) { $0.roomCreate }
        guard await registry.delete(request.room) else { throw .roomNotFound }
        return Livekit_DeleteRoomResponse()
    }

    func updateRoomMetadata(
        _ request: Livekit_UpdateRoomMetadataRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_Room {
        guard limits.allows(metadata: request.metadata) else {
            throw TwirpError(.invalidArgument, "metadata size exceeds limits")
        }
        let room = try await administered(request.room, claims)
        do {
            return try await room.change { state, now in
                try state.updateRoomMetadata(request.metadata, now: now)
                return state.currentInfo
            }
        } catch {
            throw TwirpError(.invalidArgument, "metadata size exceeds limits")
        }
    }

    func sendData(
        _ request: Livekit_SendDataRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_SendDataResponse {
        let room = try await administered(request.room, claims)
        await room.change { state, _ in state.sendData(request) }
        return Livekit_SendDataResponse()
    }

    // MARK: Rights

    func require(_ claims: TokenClaims?, _ grants: (VideoGrant) -> Bool) throws(TwirpError) {
        // LiveKit's own server answers "unauthenticated" for a missing grant too.
        guard let grant = claims?.video, grants(grant) else {
            throw TwirpError(.unauthenticated, "permissions denied")
        }
    }

    /// A room that the token may administer.
    func administered(_ name: String, _ claims: TokenClaims?) async throws(TwirpError) -> RoomController {
        try require(claims) { $0.roomAdmin && $0.room == name }
        guard let room = await registry.room(named: name) else { throw .roomNotFound }
        return room
    }
}

extension TwirpError {
    static let roomNotFound = TwirpError(.notFound, "requested room does not exist")
    static let participantNotFound = TwirpError(.notFound, "participant does not exist")
    static let notImplemented = TwirpError(.unimplemented, "not implemented")
}
