package import LiveKitProtobuf

/// Calls that reach the node of a room, by the room's name.
package enum RoomRPC {
    package static let service = "Room"
    package static let deleteRoom = RPCMethod<Livekit_DeleteRoomRequest, Livekit_DeleteRoomResponse>.queue(
        service, "DeleteRoom")
    package static let sendData = RPCMethod<Livekit_SendDataRequest, Livekit_SendDataResponse>.queue(
        service, "SendData")
    package static let updateRoomMetadata = RPCMethod<Livekit_UpdateRoomMetadataRequest, Livekit_Room>.queue(
        service, "UpdateRoomMetadata")
    package static let listParticipants =
        RPCMethod<Livekit_ListParticipantsRequest, Livekit_ListParticipantsResponse>.queue(service, "ListParticipants")
    package static let getParticipant = RPCMethod<Livekit_RoomParticipantIdentity, Livekit_ParticipantInfo>.queue(
        service, "GetParticipant")

    /// The topic of a room.
    package static func topic(_ room: String) -> [String] { [room] }
}

/// Calls that reach the node of a participant, by the room's name and the participant's identity.
package enum ParticipantRPC {
    package static let service = "Participant"
    package static let removeParticipant =
        RPCMethod<Livekit_RoomParticipantIdentity, Livekit_RemoveParticipantResponse>.queue(
            service, "RemoveParticipant")
    package static let mutePublishedTrack = RPCMethod<Livekit_MuteRoomTrackRequest, Livekit_MuteRoomTrackResponse>
        .queue(service, "MutePublishedTrack")
    package static let updateParticipant = RPCMethod<Livekit_UpdateParticipantRequest, Livekit_ParticipantInfo>.queue(
        service, "UpdateParticipant")
    package static let updateSubscriptions =
        RPCMethod<Livekit_UpdateSubscriptionsRequest, Livekit_UpdateSubscriptionsResponse>.queue(
            service, "UpdateSubscriptions")
    package static let forwardParticipant =
        RPCMethod<Livekit_ForwardParticipantRequest, Livekit_ForwardParticipantResponse>.queue(
            service, "ForwardParticipant")
    package static let moveParticipant = RPCMethod<Livekit_MoveParticipantRequest, Livekit_MoveParticipantResponse>
        .queue(service, "MoveParticipant")
    package static let performRPC = RPCMethod<Livekit_PerformRpcRequest, Livekit_PerformRpcResponse>.queue(
        service, "PerformRpc")

    /// The topic of a participant.
    package static func topic(_ room: String, _ identity: String) -> [String] { ["\(room)_\(identity)"] }
}

/// Calls to a node, by its identifier.
package enum RoomManagerRPC {
    package static let service = "RoomManager"
    package static let createRoom = RPCMethod<Livekit_CreateRoomRequest, Livekit_Room>.queue(service, "CreateRoom")
}

/// Signalling between the node that holds a participant's WebSocket and the one that holds its room, by the latter's
/// identifier.
package enum SignalRPC {
    package static let service = "Signal"
    package static let relaySignal = RPCStreamMethod<Rpc_RelaySignalRequest, Rpc_RelaySignalResponse>(
        service, "RelaySignal", requiresClaim: false)
}

/// Signs of life between nodes, by the identifier of who gives them.
package enum KeepaliveRPC {
    package static let service = "Keepalive"
    package static let ping = RPCSubscriptionMethod<Rpc_KeepalivePing>(service, "Ping")
}
