import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerAPI

/// One method of a client: where it goes, what it needs to be granted, and what it says.
struct MethodCase: Sendable, CustomTestStringConvertible {
    let path: String
    let video: VideoGrant?
    let sip: SIPGrant?
    let call: @Sendable (LiveKitAPI) async throws -> Void
    /// Whether a body holds the message.
    let isTold: @Sendable ([UInt8]) throws -> Bool

    var testDescription: String { path }

    init<Request: Message & Equatable>(
        _ path: String, _ video: VideoGrant?, sip: SIPGrant? = nil, _ message: Request,
        _ call: @escaping @Sendable (LiveKitAPI) async throws -> Void
    ) {
        self.path = path
        self.video = video
        self.sip = sip
        self.call = call
        isTold = { body in
            var told = try Request(serializedBytes: body)
            // Drawn anew for each call.
            if var data = told as? Livekit_SendDataRequest {
                guard data.nonce.count == 16 else { return false }
                data.nonce = Data()
                told = data as? Request ?? told
            }
            return told == message
        }
    }
}

extension MethodCase {
    static let all = rooms + dispatches + egresses + ingresses + trunks + calls

    private static let admin = VideoGrant(room: "r", roomAdmin: true)
    private static let recorder = VideoGrant(roomRecord: true)
    private static let ingressAdmin: VideoGrant = {
        var grant = VideoGrant()
        grant.ingressAdmin = true
        return grant
    }()
    private static let transfer: VideoGrant = {
        var grant = admin
        grant.destinationRoom = "d"
        return grant
    }()

    private static func room(_ name: String) -> String { "RoomService/" + name }

    private static let rooms: [MethodCase] = [
        MethodCase(
            room("CreateRoom"), VideoGrant(roomCreate: true),
            Livekit_CreateRoomRequest.with {
                $0.name = "r"
                $0.metadata = "m"
            }
        ) { api in try await api.room.createRoom("r") { $0.metadata = "m" } },
        MethodCase(
            room("CreateRoom"), VideoGrant(roomCreate: true, roomRecord: true),
            Livekit_CreateRoomRequest.with {
                $0.name = "r"
                $0.egress.tracks.filepath = "f"
            }
        ) { api in try await api.room.createRoom("r") { $0.egress.tracks.filepath = "f" } },
        MethodCase(room("ListRooms"), VideoGrant(roomList: true), Livekit_ListRoomsRequest.with { $0.names = ["r"] }) {
            _ = try await $0.room.listRooms(names: ["r"])
        },
        MethodCase(
            room("DeleteRoom"), VideoGrant(roomCreate: true), Livekit_DeleteRoomRequest.with { $0.room = "r" }
        ) { try await $0.room.deleteRoom("r") },
        MethodCase(
            room("UpdateRoomMetadata"), admin,
            Livekit_UpdateRoomMetadataRequest.with {
                $0.room = "r"
                $0.metadata = "m"
            }
        ) { try await $0.room.updateRoomMetadata(room: "r", metadata: "m") },
        MethodCase(room("ListParticipants"), admin, Livekit_ListParticipantsRequest.with { $0.room = "r" }) {
            _ = try await $0.room.listParticipants(room: "r")
        },
        MethodCase(
            room("GetParticipant"), admin,
            Livekit_RoomParticipantIdentity.with {
                $0.room = "r"
                $0.identity = "i"
            }
        ) { _ = try await $0.room.getParticipant(room: "r", identity: "i") },
        MethodCase(
            room("RemoveParticipant"), admin,
            Livekit_RoomParticipantIdentity.with {
                $0.room = "r"
                $0.identity = "i"
                $0.revokeTokenTs = 5
            }
        ) { api in
            try await api.room.removeParticipant(
                room: "r", identity: "i", revokesTokensBefore: NumericDate(secondsSinceEpoch: 5))
        },
        MethodCase(
            room("MutePublishedTrack"), admin,
            Livekit_MuteRoomTrackRequest.with {
                $0.room = "r"
                $0.identity = "i"
                $0.trackSid = "TR_1"
                $0.muted = true
            }
        ) { try await $0.room.mutePublishedTrack(room: "r", identity: "i", trackSID: "TR_1", muted: true) },
        MethodCase(
            room("UpdateParticipant"), admin,
            Livekit_UpdateParticipantRequest.with {
                $0.room = "r"
                $0.identity = "i"
                $0.name = "n"
                $0.permission.canPublish = true
            }
        ) { api in
            try await api.room.updateParticipant(room: "r", identity: "i") {
                $0.name = "n"
                $0.permission.canPublish = true
            }
        },
        MethodCase(
            room("UpdateSubscriptions"), admin,
            Livekit_UpdateSubscriptionsRequest.with {
                $0.room = "r"
                $0.identity = "i"
                $0.trackSids = ["TR_1"]
                $0.subscribe = true
            }
        ) { try await $0.room.updateSubscriptions(room: "r", identity: "i", trackSIDs: ["TR_1"], subscribe: true) },
        MethodCase(
            room("ForwardParticipant"), transfer,
            Livekit_ForwardParticipantRequest.with {
                $0.room = "r"
                $0.identity = "i"
                $0.destinationRoom = "d"
            }
        ) { try await $0.room.forwardParticipant(room: "r", identity: "i", destinationRoom: "d") },
        MethodCase(
            room("MoveParticipant"), transfer,
            Livekit_MoveParticipantRequest.with {
                $0.room = "r"
                $0.identity = "i"
                $0.destinationRoom = "d"
            }
        ) { try await $0.room.moveParticipant(room: "r", identity: "i", destinationRoom: "d") },
        MethodCase(
            room("SendData"), admin,
            Livekit_SendDataRequest.with {
                $0.room = "r"
                $0.data = Data([1, 2])
                $0.kind = .lossy
                $0.destinationIdentities = ["i"]
                $0.topic = "t"
            }
        ) { api in
            try await api.room.sendData([1, 2], room: "r", kind: .lossy, destinationIdentities: ["i"], topic: "t")
        },
        MethodCase(
            room("PerformRpc"), admin,
            Livekit_PerformRpcRequest.with {
                $0.room = "r"
                $0.destinationIdentity = "i"
                $0.method = "m"
                $0.payload = "p"
                $0.responseTimeoutMs = 1500
            }
        ) { api in
            _ = try await api.room.performRPC(
                room: "r", destinationIdentity: "i", method: "m", payload: "p", responseTimeout: .milliseconds(1500))
        },
    ]

    private static let dispatches: [MethodCase] = [
        MethodCase(
            "AgentDispatchService/CreateDispatch", admin,
            Livekit_CreateAgentDispatchRequest.with {
                $0.room = "r"
                $0.agentName = "a"
                $0.metadata = "m"
            }
        ) { try await $0.agentDispatch.createDispatch(room: "r", agentName: "a", metadata: "m") },
        MethodCase(
            "AgentDispatchService/DeleteDispatch", admin,
            Livekit_DeleteAgentDispatchRequest.with {
                $0.room = "r"
                $0.dispatchID = "AD_1"
            }
        ) { try await $0.agentDispatch.deleteDispatch("AD_1", room: "r") },
        MethodCase(
            "AgentDispatchService/ListDispatch", admin, Livekit_ListAgentDispatchRequest.with { $0.room = "r" }
        ) { _ = try await $0.agentDispatch.listDispatch(room: "r") },
        MethodCase(
            "AgentDispatchService/ListDispatch", admin,
            Livekit_ListAgentDispatchRequest.with {
                $0.room = "r"
                $0.dispatchID = "AD_1"
            }
        ) { _ = try await $0.agentDispatch.getDispatch("AD_1", room: "r") },
    ]

    private static let egresses: [MethodCase] = [
        MethodCase("Egress/StartEgress", recorder, Livekit_StartEgressRequest.with { $0.roomName = "r" }) { api in
            try await api.egress.startEgress(.with { $0.roomName = "r" })
        },
        MethodCase(
            "Egress/StartRoomCompositeEgress", recorder, Livekit_RoomCompositeEgressRequest.with { $0.roomName = "r" }
        ) { api in try await api.egress.startRoomCompositeEgress(.with { $0.roomName = "r" }) },
        MethodCase("Egress/StartWebEgress", recorder, Livekit_WebEgressRequest.with { $0.url = "u" }) { api in
            try await api.egress.startWebEgress(.with { $0.url = "u" })
        },
        MethodCase(
            "Egress/StartParticipantEgress", recorder, Livekit_ParticipantEgressRequest.with { $0.identity = "i" }
        ) { api in try await api.egress.startParticipantEgress(.with { $0.identity = "i" }) },
        MethodCase(
            "Egress/StartTrackCompositeEgress", recorder,
            Livekit_TrackCompositeEgressRequest.with { $0.audioTrackID = "TR_1" }
        ) { api in try await api.egress.startTrackCompositeEgress(.with { $0.audioTrackID = "TR_1" }) },
        MethodCase("Egress/StartTrackEgress", recorder, Livekit_TrackEgressRequest.with { $0.trackID = "TR_1" }) {
            api in
            try await api.egress.startTrackEgress(.with { $0.trackID = "TR_1" })
        },
        MethodCase(
            "Egress/UpdateLayout", recorder,
            Livekit_UpdateLayoutRequest.with {
                $0.egressID = "EG_1"
                $0.layout = "grid"
            }
        ) { try await $0.egress.updateLayout("EG_1", layout: "grid") },
        MethodCase(
            "Egress/UpdateStream", recorder,
            Livekit_UpdateStreamRequest.with {
                $0.egressID = "EG_1"
                $0.addOutputUrls = ["a"]
                $0.removeOutputUrls = ["b"]
            }
        ) { try await $0.egress.updateStream("EG_1", adding: ["a"], removing: ["b"]) },
        MethodCase("Egress/ListEgress", recorder, Livekit_ListEgressRequest.with { $0.active = true }) { api in
            _ = try await api.egress.listEgress { $0.active = true }
        },
        MethodCase("Egress/StopEgress", recorder, Livekit_StopEgressRequest.with { $0.egressID = "EG_1" }) {
            try await $0.egress.stopEgress("EG_1")
        },
    ]

    private static let ingresses: [MethodCase] = [
        MethodCase("Ingress/CreateIngress", ingressAdmin, Livekit_CreateIngressRequest.with { $0.name = "n" }) { api in
            try await api.ingress.createIngress(.with { $0.name = "n" })
        },
        MethodCase(
            "Ingress/UpdateIngress", ingressAdmin, Livekit_UpdateIngressRequest.with { $0.ingressID = "IN_1" }
        ) { api in try await api.ingress.updateIngress(.with { $0.ingressID = "IN_1" }) },
        MethodCase("Ingress/ListIngress", ingressAdmin, Livekit_ListIngressRequest.with { $0.roomName = "r" }) { api in
            _ = try await api.ingress.listIngress { $0.roomName = "r" }
        },
        MethodCase(
            "Ingress/DeleteIngress", ingressAdmin, Livekit_DeleteIngressRequest.with { $0.ingressID = "IN_1" }
        ) { try await $0.ingress.deleteIngress("IN_1") },
    ]
}
