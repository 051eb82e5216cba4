internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import SwiftProtobuf

/// `livekit.RoomService`: rooms and participants administered from outside, wherever in the cluster they are.
struct RoomService: Sendable {
    let rooms: LocalRooms
    /// What the other nodes wrote down, where there are any.
    var store: RoomStore?

    var limits: LiveKitServerConfiguration.Limits { rooms.limits }

    // MARK: Rooms

    func createRoom(
        _ request: Livekit_CreateRoomRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_Room {
        try require(claims) { $0.roomCreate }
        // A room that was to be recorded shall not go on without.
        guard !request.hasEgress || rooms.egress != nil else { throw .egressNotConnected }
        guard limits.allows(roomName: request.name) else { throw .roomNameTooLong }
        try check(metadata: request.metadata)
        for agent in request.agents {
            try check(metadata: agent.metadata)
            try check(attributes: agent.attributes)
        }
        return try await placed(request)
    }

    func listRooms(
        _ request: Livekit_ListRoomsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListRoomsResponse {
        try require(claims) { $0.roomList }
        let names = Set(request.names)
        var response = Livekit_ListRoomsResponse()
        for room in await rooms.registry.all where names.isEmpty || names.contains(room.name) {
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
        return try await reach(request.room, RoomRPC.deleteRoom, request, rooms.deleteRoom)
    }

    func updateRoomMetadata(
        _ request: Livekit_UpdateRoomMetadataRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_Room {
        try check(metadata: request.metadata)
        try requireAdmin(claims, request.room)
        return try await reach(request.room, RoomRPC.updateRoomMetadata, request, rooms.updateRoomMetadata)
    }

    func sendData(
        _ request: Livekit_SendDataRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_SendDataResponse {
        try requireAdmin(claims, request.room)
        // By which a packet is known again: a UUID's 16 bytes, or nothing.
        guard request.nonce.isEmpty || request.nonce.count == Self.nonceBytes else {
            throw TwirpError(
                .invalidArgument, "nonce should be 16-bytes or not present, got: \(request.nonce.count) bytes")
        }
        return try await reach(request.room, RoomRPC.sendData, request, rooms.sendData)
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

    /// Whether the token may administer a room.
    func requireAdmin(_ claims: TokenClaims?, _ room: String) throws(TwirpError) {
        try require(claims) { $0.roomAdmin && $0.room == room }
    }

    // MARK: Nodes

    /// Makes a room on the node that has it, or that is chosen for it.
    func placed(_ request: Livekit_CreateRoomRequest) async throws(TwirpError) -> Livekit_Room {
        guard let peers = rooms.peers, await rooms.registry.room(named: request.name) == nil else {
            return try await rooms.createRoom(request)
        }
        do throws(RPCError) {
            if let node = try await peers.place(request.name, on: request.nodeID) {
                return try await peers.client.call(
                    RoomManagerRPC.createRoom, topic: [node], request,
                    options: request.mayBeRecorded ? .toRecordedRooms : peers.ground.toRooms)
            }
        } catch {
            throw TwirpError(error)
        }
        return try await rooms.createRoom(request)
    }

    /// Asks the node that has a room: this one, or another.
    func reach<Request: Message, Response: Message>(
        _ room: String, _ method: RPCMethod<Request, Response>, topic: [String]? = nil, _ request: Request,
        options: RPCOptions? = nil, _ here: (Request) async throws(TwirpError) -> Response
    ) async throws(TwirpError) -> Response {
        guard let peers = rooms.peers, await rooms.registry.room(named: room) == nil else {
            return try await here(request)
        }
        do throws(RPCError) {
            if try await peers.otherNode(of: room) != nil {
                return try await peers.client.call(
                    method, topic: topic ?? RoomRPC.topic(room), request, options: options ?? peers.ground.toRooms)
            }
        } catch {
            throw TwirpError(error)
        }
        return try await here(request)
    }
}

extension Livekit_CreateRoomRequest {
    /// What a preset asks for is known where the room is made.
    fileprivate var mayBeRecorded: Bool { egress.hasRoom || !roomPreset.isEmpty }
}

extension RPCOptions {
    /// A room that is recorded from its beginning is there when a worker has begun, or none of some tries did.
    static let toRecordedRooms = RPCOptions(timeout: .seconds(60))
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
