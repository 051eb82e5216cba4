internal import LiveKitCore
internal import LiveKitProtobuf

/// `livekit.RoomService`: rooms and participants administered from outside.
struct RoomService: Sendable {
    let registry: RoomRegistry
    let limits: LiveKitServerConfiguration.Limits

    // MARK: Rooms

    func createRoom(
        _ request: Livekit_CreateRoomRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_Room {
        try require(claims) { $0.roomCreate }
        // Nothing here records, and a room that was to be recorded shall not go on without.
        guard !request.hasEgress else { throw .egressNotConnected }
        guard limits.allows(roomName: request.name) else { throw .roomNameTooLong }
        try check(metadata: request.metadata)
        for agent in request.agents {
            try check(metadata: agent.metadata)
            try check(attributes: agent.attributes)
        }
        do {
            return try await registry.create(request.name, CreateSettings(request))
        } catch .invalid(let message) {
            throw TwirpError(.invalidArgument, message)
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
        try check(metadata: request.metadata)
        let room = try await administered(request.room, claims)
        do {
            return try await room.change { state, now in
                try state.updateRoomMetadata(request.metadata, now: now)
                return state.currentInfo
            }
        } catch {
            throw .exceeding("metadata size exceeds limits", limits.metadataBytes)
        }
    }

    func sendData(
        _ request: Livekit_SendDataRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_SendDataResponse {
        try require(claims) { $0.roomAdmin && $0.room == request.room }
        // By which a packet is known again: a UUID's 16 bytes, or nothing.
        guard request.nonce.isEmpty || request.nonce.count == Self.nonceBytes else {
            throw TwirpError(
                .invalidArgument, "nonce should be 16-bytes or not present, got: \(request.nonce.count) bytes")
        }
        let room = try await administered(request.room, claims)
        await room.change { state, _ in state.sendData(request) }
        return Livekit_SendDataResponse()
    }

    private static let nonceBytes = 16

    // MARK: Limits

    func check(metadata: String) throws(TwirpError) {
        guard limits.allows(metadata: metadata) else {
            throw .exceeding("metadata size exceeds limits", limits.metadataBytes)
        }
    }

    func check(attributes: [String: String]) throws(TwirpError) {
        guard limits.allows(attributes: attributes) else {
            throw .exceeding("attribute size exceeds limits", limits.attributesBytes)
        }
    }

    func check(name: String) throws(TwirpError) {
        guard limits.allows(name: name) else {
            throw .exceeding("name length exceeds limits", limits.participantNameLength)
        }
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
    static let roomNameTooLong = TwirpError(.invalidArgument, "room name length exceeds limits")
    static let egressNotConnected = TwirpError(.internal, "egress not connected (redis required)")

    /// What is too long, and how long it may be, as twirp's Go library says it of an argument.
    static func exceeding(_ argument: String, _ limit: Int) -> TwirpError {
        var error = TwirpError(.invalidArgument, "\(argument) \(limit)")
        error.metadata = ["argument": argument]
        return error
    }
}
