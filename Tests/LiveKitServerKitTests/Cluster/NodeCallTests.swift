import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("The API at a node that does not have the room", .timeLimit(.minutes(1)))
struct NodeCallTests {
    @Test("A room is made on the node that is chosen for it, or that is asked for")
    func creates() async throws {
        try await TwoNodes.with { nodes in
            let room: Livekit_Room = try await nodes.call("CreateRoom", #"{"name":"room","metadata":"m"}"#)
            #expect(room.metadata == "m" && nodes.home.media.room(room.sid) != nil)
            let again: Livekit_Room = try await nodes.call("CreateRoom", #"{"name":"room","metadata":"n"}"#)
            #expect(again.sid == room.sid && again.metadata == "n")
            let wish = #"{"name":"wish","nodeId":"\#(nodes.awayNode.nodeID)"}"#
            let other: Livekit_Room = try await nodes.call("CreateRoom", wish)
            #expect(nodes.away.media.room(other.sid) != nil)
        }
    }

    @Test("Rooms are administered through any node")
    func rooms() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.home.signal("ann")
            _ = try await ann.join()
            let room: Livekit_Room = try await nodes.call(
                "UpdateRoomMetadata", #"{"room":"room","metadata":"new"}"#)
            #expect(room.metadata == "new")
            let told = try await ann.first { message -> String? in
                if case .roomUpdate(let update) = message, !update.room.metadata.isEmpty {
                    update.room.metadata
                } else {
                    nil
                }
            }
            #expect(told == "new")
            let _: Livekit_SendDataResponse = try await nodes.call("SendData", #"{"room":"room","data":"aGk="}"#)
            let _: Livekit_DeleteRoomResponse = try await nodes.call("DeleteRoom", #"{"room":"room"}"#)
            let leave = try await ann.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .roomDeleted)
        }
    }

    @Test("Participants are administered through any node")
    func participants() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.away.signal("ann")
            _ = try await ann.join()
            let all: Livekit_ListParticipantsResponse = try await nodes.call("ListParticipants", #"{"room":"room"}"#)
            #expect(all.participants.map(\.identity) == ["ann"])
            let one: Livekit_ParticipantInfo = try await nodes.call(
                "GetParticipant", #"{"room":"room","identity":"ann"}"#)
            #expect(one.identity == "ann")
            let updated: Livekit_ParticipantInfo = try await nodes.call(
                "UpdateParticipant", #"{"room":"room","identity":"ann","metadata":"by API"}"#)
            #expect(updated.metadata == "by API")
            let _: Livekit_UpdateSubscriptionsResponse = try await nodes.call(
                "UpdateSubscriptions", #"{"room":"room","identity":"ann","trackSids":["TR_1"],"subscribe":true}"#)
            let _: Livekit_RemoveParticipantResponse = try await nodes.call(
                "RemoveParticipant", #"{"room":"room","identity":"ann"}"#)
            let leave = try await ann.first { if case .leave(let leave) = $0 { leave } else { nil } }
            #expect(leave.reason == .participantRemoved)
        }
    }

    @Test("Errors of the room's node are the API's")
    func fails() async throws {
        try await TwoNodes.with { nodes in
            _ = try await nodes.home.signal("ann").join()
            let unmute = try await nodes.away.call(
                "MutePublishedTrack", #"{"room":"room","identity":"ann","trackSid":"TR_1","muted":false}"#)
            #expect(unmute.status == 412 && unmute.body.contains("remote unmute not enabled"))
            let unknown = try await nodes.away.call("GetParticipant", #"{"room":"room","identity":"bob"}"#)
            #expect(unknown.status == 404 && unknown.body.contains("participant does not exist"))
            let nowhere = try await nodes.away.call("DeleteRoom", #"{"room":"none"}"#)
            #expect(nowhere.status == 404)
        }
    }

    @Test("Agents are dispatched through any node")
    func dispatches() async throws {
        try await TwoNodes.with { nodes in
            let made: Livekit_AgentDispatch = try await nodes.call(
                "CreateDispatch", #"{"room":"room","agentName":"helper"}"#, service: "AgentDispatchService")
            #expect(made.agentName == "helper" && !made.id.isEmpty)
            let listed: Livekit_ListAgentDispatchResponse = try await nodes.call(
                "ListDispatch", #"{"room":"room"}"#, service: "AgentDispatchService")
            #expect(listed.agentDispatches.map(\.id).contains(made.id))
            let deleted: Livekit_AgentDispatch = try await nodes.call(
                "DeleteDispatch", #"{"room":"room","dispatchId":"\#(made.id)"}"#, service: "AgentDispatchService")
            #expect(deleted.id == made.id)
        }
    }

    @Test("Tokens revoked on one node let nobody in on another")
    func revokes() async throws {
        try await TwoNodes.with { nodes in
            _ = try await nodes.home.signal("ann").join()
            let later = TestServer.now().secondsSinceEpoch + 60
            let _: Livekit_RemoveParticipantResponse = try await nodes.call(
                "RemoveParticipant", #"{"room":"room","identity":"ann","revokeTokenTs":"\#(later)"}"#)
            await nodes.placement.remove(nodes.homeNode.nodeID)
            await #expect(throws: SignalClient.Refused.self) {
                while true {
                    _ = try await nodes.away.signal("ann")
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            _ = try await nodes.away.signal("bob").join()
        }
    }

    @Test("Those of somebody who is not there are revoked on all nodes as well")
    func revokesWhileAway() async throws {
        // Nobody answers.
        try await TwoNodes.with(patience: .milliseconds(500)) { nodes in
            _ = try await nodes.home.signal("bob").join()
            let later = TestServer.now().secondsSinceEpoch + 60
            let answer = try await nodes.away.call(
                "RemoveParticipant", #"{"room":"room","identity":"ann","revokeTokenTs":"\#(later)"}"#)
            #expect(answer.status != 200)
            await #expect(throws: SignalClient.Refused.self) { _ = try await nodes.away.signal("ann") }
            try await eventually {
                let path = "/rtc/validate?access_token=\(try TestServer.token("ann"))"
                return try await HTTPClient.request(port: nodes.home.port, "GET", path).status == 401 ? () : nil
            }
        }
    }

    @Test("A participant that is moved to a room of another node is sent there with a token")
    func movesAcross() async throws {
        try await TwoNodes.with { nodes in
            let ann = try await nodes.home.signal("ann")
            _ = try await ann.join()
            let _: Livekit_Room = try await nodes.call(
                "CreateRoom", #"{"name":"elsewhere","nodeId":"\#(nodes.awayNode.nodeID)"}"#)
            var token = AccessToken(apiKey: TestServer.key, apiSecret: TestServer.secret)
            token.video = VideoGrant(room: "room", roomAdmin: true)
            token.video?.destinationRoom = "elsewhere"
            let answer = try await nodes.home.call(
                "MoveParticipant", #"{"room":"room","identity":"ann","destinationRoom":"elsewhere"}"#,
                token: try token.jwt(now: TestServer.now()))
            #expect(answer.status == 200)
            let verifier = TokenVerifier(secrets: [TestServer.key: TestServer.secret])
            let room = try await ann.first { message -> String? in
                guard case .refreshToken(let token) = message,
                    let claims = try? verifier.verify(token, now: TestServer.now()), claims.video?.room != "room"
                else { return nil }
                return claims.video?.room
            }
            #expect(room == "elsewhere")
            let leave: Livekit_LeaveRequest = try await ann.first {
                if case .leave(let leave) = $0 { leave } else { nil }
            }
            #expect(leave.action == .reconnect)
        }
    }
}
