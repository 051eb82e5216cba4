internal import Foundation
public import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Rooms and participants, administered from outside (`livekit.RoomService`).
///
/// Every method throws ``ServerError``. The closures change the request before it goes out; its fields are those of
/// LiveKit's protocol.
public struct RoomServiceClient: Sendable {
    private let twirp: TwirpClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - url: The server's address, `https://…` or as clients have it, `wss://…`.
    ///   - apiKey: The API key.
    ///   - apiSecret: Its secret.
    ///   - timeout: How long a call may take.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument`` for a `url` that is none.
    public init(
        url: String, apiKey: String, apiSecret: String, timeout: Duration = LiveKitAPI.defaultTimeout
    ) throws(ServerError) {
        self.init(try TwirpClient(url: url, apiKey: apiKey, apiSecret: apiSecret, timeout: timeout))
    }

    init(_ twirp: TwirpClient) {
        self.twirp = twirp
    }

    // MARK: Rooms

    /// Makes a room, or gives an existing one the stated settings.
    ///
    /// - Parameters:
    ///   - name: The room's name.
    ///   - configure: States its settings: timeouts, size, metadata, agents.
    /// - Returns: The room as it is now.
    /// - Throws: ``ServerError``.
    @discardableResult
    public func createRoom(
        _ name: String, _ configure: (inout Livekit_CreateRoomRequest) -> Void = { _ in }
    ) async throws(ServerError) -> Livekit_Room {
        var request = Livekit_CreateRoomRequest()
        request.name = name
        configure(&request)
        let needsRecording = request.hasEgress
        return try await call("CreateRoom", request) { grant in
            grant.roomCreate = true
            grant.roomRecord = needsRecording
        }
    }

    /// The rooms that exist; with `names` only those of them.
    public func listRooms(names: [String] = []) async throws(ServerError) -> [Livekit_Room] {
        var request = Livekit_ListRoomsRequest()
        request.names = names
        let response: Livekit_ListRoomsResponse = try await call("ListRooms", request) { $0.roomList = true }
        return response.rooms
    }

    /// Ends a room; everybody in it is disconnected.
    public func deleteRoom(_ name: String) async throws(ServerError) {
        var request = Livekit_DeleteRoomRequest()
        request.room = name
        let _: Livekit_DeleteRoomResponse = try await call("DeleteRoom", request) { $0.roomCreate = true }
    }

    /// Changes a room's metadata; everybody in it is told.
    @discardableResult
    public func updateRoomMetadata(room: String, metadata: String) async throws(ServerError) -> Livekit_Room {
        var request = Livekit_UpdateRoomMetadataRequest()
        request.room = room
        request.metadata = metadata
        return try await administer(room, "UpdateRoomMetadata", request)
    }

    // MARK: Participants

    /// Who is in a room.
    public func listParticipants(room: String) async throws(ServerError) -> [Livekit_ParticipantInfo] {
        var request = Livekit_ListParticipantsRequest()
        request.room = room
        let response: Livekit_ListParticipantsResponse = try await administer(room, "ListParticipants", request)
        return response.participants
    }

    /// One participant.
    public func getParticipant(room: String, identity: String) async throws(ServerError) -> Livekit_ParticipantInfo {
        try await administer(room, "GetParticipant", Self.participant(room, identity))
    }

    /// Takes a participant out of a room.
    ///
    /// - Parameters:
    ///   - room: The room's name.
    ///   - identity: The participant's identity.
    ///   - revokesTokensBefore: Tokens that became valid before this time let it in no more. Without it, what the
    ///     server thinks right.
    /// - Throws: ``ServerError``.
    public func removeParticipant(
        room: String, identity: String, revokesTokensBefore: NumericDate? = nil
    ) async throws(ServerError) {
        var request = Self.participant(room, identity)
        if let revokesTokensBefore { request.revokeTokenTs = revokesTokensBefore.secondsSinceEpoch }
        let _: Livekit_RemoveParticipantResponse = try await administer(room, "RemoveParticipant", request)
    }

    /// Mutes a track, or unmutes it where the server allows that. Returns the track as it is then.
    @discardableResult
    public func mutePublishedTrack(
        room: String, identity: String, trackSID: String, muted: Bool
    ) async throws(ServerError) -> Livekit_TrackInfo {
        var request = Livekit_MuteRoomTrackRequest()
        request.room = room
        request.identity = identity
        request.trackSid = trackSID
        request.muted = muted
        let response: Livekit_MuteRoomTrackResponse = try await administer(room, "MutePublishedTrack", request)
        return response.track
    }

    /// Changes a participant's name, metadata, attributes or permission. What the closure leaves alone stays.
    @discardableResult
    public func updateParticipant(
        room: String, identity: String, _ change: (inout Livekit_UpdateParticipantRequest) -> Void
    ) async throws(ServerError) -> Livekit_ParticipantInfo {
        var request = Livekit_UpdateParticipantRequest()
        change(&request)
        request.room = room
        request.identity = identity
        return try await administer(room, "UpdateParticipant", request)
    }

    /// Subscribes a participant to tracks, or ends that.
    public func updateSubscriptions(
        room: String, identity: String, trackSIDs: [String], subscribe: Bool
    ) async throws(ServerError) {
        var request = Livekit_UpdateSubscriptionsRequest()
        request.room = room
        request.identity = identity
        request.trackSids = trackSIDs
        request.subscribe = subscribe
        let _: Livekit_UpdateSubscriptionsResponse = try await administer(room, "UpdateSubscriptions", request)
    }

    /// Forwards a participant's tracks to another room as well, until it leaves or is removed there.
    public func forwardParticipant(
        room: String, identity: String, destinationRoom: String
    ) async throws(ServerError) {
        var request = Livekit_ForwardParticipantRequest()
        request.room = room
        request.identity = identity
        request.destinationRoom = destinationRoom
        let _: Livekit_ForwardParticipantResponse = try await call("ForwardParticipant", request) { grant in
            grant = Self.transfer(room, destinationRoom)
        }
    }

    /// Moves a participant to another room.
    public func moveParticipant(
        room: String, identity: String, destinationRoom: String
    ) async throws(ServerError) {
        var request = Livekit_MoveParticipantRequest()
        request.room = room
        request.identity = identity
        request.destinationRoom = destinationRoom
        let _: Livekit_MoveParticipantResponse = try await call("MoveParticipant", request) { grant in
            grant = Self.transfer(room, destinationRoom)
        }
    }

    // MARK: Data

    /// Sends data to participants of a room.
    ///
    /// - Parameters:
    ///   - data: The bytes.
    ///   - room: The room's name.
    ///   - kind: Whether they must arrive (`.reliable`) or may be lost.
    ///   - destinationIdentities: For whom; nobody named means everybody.
    ///   - topic: What it is about.
    /// - Throws: ``ServerError``.
    public func sendData(
        _ data: [UInt8], room: String, kind: Livekit_DataPacket.Kind = .reliable,
        destinationIdentities: [String] = [], topic: String? = nil
    ) async throws(ServerError) {
        var request = Livekit_SendDataRequest()
        request.room = room
        request.data = Data(data)
        request.kind = kind
        request.destinationIdentities = destinationIdentities
        if let topic { request.topic = topic }
        // By which a server knows the same packet again, should the call be repeated on its way.
        request.nonce = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let _: Livekit_SendDataResponse = try await administer(room, "SendData", request)
    }

    /// Calls a method of a participant, as participants do among each other.
    ///
    /// - Parameters:
    ///   - room: The room's name.
    ///   - destinationIdentity: Whose method it is.
    ///   - method: Its name.
    ///   - payload: What it is given.
    ///   - responseTimeout: How long it may take to answer. The call waits so much longer than others.
    /// - Returns: What it answered.
    /// - Throws: ``ServerError``.
    public func performRPC(
        room: String, destinationIdentity: String, method: String, payload: String = "",
        responseTimeout: Duration = .seconds(15)
    ) async throws(ServerError) -> String {
        var request = Livekit_PerformRpcRequest()
        request.room = room
        request.destinationIdentity = destinationIdentity
        request.method = method
        request.payload = payload
        request.responseTimeoutMs = responseTimeout.wholeMilliseconds
        let response: Livekit_PerformRpcResponse = try await call(
            "PerformRpc", request, timeout: twirp.timeout + responseTimeout
        ) { grant in
            grant.roomAdmin = true
            grant.room = room
        }
        return response.payload
    }

    // MARK: Inside

    private static func participant(_ room: String, _ identity: String) -> Livekit_RoomParticipantIdentity {
        var participant = Livekit_RoomParticipantIdentity()
        participant.room = room
        participant.identity = identity
        return participant
    }

    private static func transfer(_ room: String, _ destination: String) -> VideoGrant {
        var grant = VideoGrant(room: room, roomAdmin: true)
        grant.destinationRoom = destination
        return grant
    }

    private func administer<Answer: Message>(
        _ room: String, _ method: String, _ request: some Message
    ) async throws(ServerError) -> Answer {
        try await call(method, request) { grant in
            grant.roomAdmin = true
            grant.room = room
        }
    }

    private func call<Answer: Message>(
        _ method: String, _ request: some Message, timeout: Duration? = nil, _ grant: (inout VideoGrant) -> Void
    ) async throws(ServerError) -> Answer {
        try await twirp.call("RoomService", method, request, timeout: timeout) { token in
            var video = VideoGrant()
            grant(&video)
            token.video = video
        }
    }
}

extension Duration {
    /// Rounded up, so that what is asked to be short does not become 0, which asks for the server's own default.
    fileprivate var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0, seconds < Int64(UInt32.max) / 1000 else {
            return seconds > 0 ? .max : 0
        }
        return UInt32(seconds) * 1000 + UInt32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
