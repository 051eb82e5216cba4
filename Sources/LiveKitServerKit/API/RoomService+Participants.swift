internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import SwiftProtobuf

extension RoomService {
    func listParticipants(
        _ request: Livekit_ListParticipantsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListParticipantsResponse {
        try requireAdmin(claims, request.room)
        return try await reach(request.room, RoomRPC.listParticipants, request, rooms.listParticipants)
    }

    func getParticipant(
        _ request: Livekit_RoomParticipantIdentity, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        try requireAdmin(claims, request.room)
        return try await reach(request.room, RoomRPC.getParticipant, request, rooms.getParticipant)
    }

    func removeParticipant(
        _ request: Livekit_RoomParticipantIdentity, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_RemoveParticipantResponse {
        try requireAdmin(claims, request.room)
        do throws(TwirpError) {
            return try await reach(
                request.room, request.identity, ParticipantRPC.removeParticipant, request, rooms.removeParticipant)
        } catch {
            // Nobody may have been reached who would have done it.
            await rooms.revokeTokensEverywhere(request)
            throw error
        }
    }

    func mutePublishedTrack(
        _ request: Livekit_MuteRoomTrackRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_MuteRoomTrackResponse {
        try requireAdmin(claims, request.room)
        return try await reach(
            request.room, request.identity, ParticipantRPC.mutePublishedTrack, request, rooms.mutePublishedTrack)
    }

    func updateParticipant(
        _ request: Livekit_UpdateParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ParticipantInfo {
        try check(name: request.name)
        try check(metadata: request.metadata)
        try check(attributes: request.attributes)
        try requireAdmin(claims, request.room)
        return try await reach(
            request.room, request.identity, ParticipantRPC.updateParticipant, request, rooms.updateParticipant)
    }

    func updateSubscriptions(
        _ request: Livekit_UpdateSubscriptionsRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_UpdateSubscriptionsResponse {
        try requireAdmin(claims, request.room)
        return try await reach(
            request.room, request.identity, ParticipantRPC.updateSubscriptions, request, rooms.updateSubscriptions)
    }

    func forwardParticipant(
        _ request: Livekit_ForwardParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ForwardParticipantResponse {
        try requireTransfer(claims, request.room, request.destinationRoom)
        return try await reach(
            request.room, request.identity, ParticipantRPC.forwardParticipant, request, rooms.forwardParticipant)
    }

    func moveParticipant(
        _ request: Livekit_MoveParticipantRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_MoveParticipantResponse {
        try requireTransfer(claims, request.room, request.destinationRoom)
        return try await reach(
            request.room, request.identity, ParticipantRPC.moveParticipant, request, rooms.moveParticipant)
    }

    func performRpc(
        _ request: Livekit_PerformRpcRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_PerformRpcResponse {
        try requireAdmin(claims, request.room)
        guard !request.destinationIdentity.isEmpty else {
            throw TwirpError(.invalidArgument, "destination identity is required")
        }
        // A call is made once, and takes as long as the participant may take to answer.
        let patience = RoomRPC.patience(milliseconds: request.responseTimeoutMs)
        return try await reach(
            request.room, request.destinationIdentity, ParticipantRPC.performRPC, request,
            options: RPCOptions(timeout: patience), rooms.performRpc)
    }

    private func requireTransfer(
        _ claims: TokenClaims?, _ room: String, _ destination: String
    ) throws(TwirpError) {
        try require(claims) { $0.roomAdmin && $0.room == room && $0.destinationRoom == destination }
        guard room != destination else {
            throw TwirpError(.invalidArgument, "destination room cannot be the same as source room")
        }
        guard limits.allows(roomName: destination), !destination.isEmpty else {
            throw TwirpError(.invalidArgument, "destination room name is missing or too long")
        }
    }

    /// Asks the node that has a participant.
    private func reach<Request: Message, Response: Message>(
        _ room: String, _ identity: String, _ method: RPCMethod<Request, Response>, _ request: Request,
        options: RPCOptions? = nil, _ here: (Request) async throws(TwirpError) -> Response
    ) async throws(TwirpError) -> Response {
        do throws(TwirpError) {
            // A call would wait for somebody who answers. Whoever came this moment is written down by the second look.
            if await rooms.registry.room(named: room) == nil, await isKnownToBeAway(identity, room) {
                try? await Task.sleep(for: Self.writingDown)
                if await isKnownToBeAway(identity, room) { throw .participantNotFound }
            }
            return try await reach(
                room, method, topic: ParticipantRPC.topic(room, identity), request, options: options, here)
        } catch {
            // Nobody serves those who are not there, as nobody serves those whose node is in trouble.
            guard error.code == .unavailable, await isKnownToBeAway(identity, room) else { throw error }
            throw .participantNotFound
        }
    }

    /// Within this a node has written down who came.
    private static let writingDown = Duration.milliseconds(250)

    private func isKnownToBeAway(_ identity: String, _ room: String) async -> Bool {
        guard let store else { return false }
        do {
            return try await store.participant(identity, of: room) == nil
        } catch {
            return false
        }
    }
}

extension RoomRPC {
    /// How long a participant's answer is waited for on another node: a little longer than there.
    fileprivate static func patience(milliseconds: UInt32) -> MediaDuration {
        .milliseconds(milliseconds > 0 ? Int64(milliseconds) : 15_000) + .seconds(2)
    }
}
