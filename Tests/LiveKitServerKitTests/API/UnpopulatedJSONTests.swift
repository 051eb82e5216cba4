import Foundation
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("JSON of answers (protojson, EmitUnpopulated)")
struct UnpopulatedJSONTests {
    private func text<Answer: Message>(_ message: Answer) throws -> String {
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        let plain: [UInt8] = try message.jsonUTF8Bytes(options: options)
        return String(decoding: UnpopulatedJSON.completing(plain, of: Answer.self), as: UTF8.self)
    }

    @Test("Empty lists, zeros, texts, absent messages and first cases stand there")
    func defaults() throws {
        #expect(try text(Livekit_ListRoomsResponse()) == #"{"rooms":[]}"#)
        #expect(try text(Livekit_DeleteRoomResponse()) == "{}")
        #expect(try text(Livekit_MuteRoomTrackResponse()) == #"{"track":null}"#)
        let room = try text(Livekit_Room())
        let parts = [
            #"{"sid":"","name":"","empty_timeout":0"#, #""creation_time":"0""#, #""enabled_codecs":[]"#,
            #""active_recording":false"#, #""version":null}"#,
        ]
        for part in parts { #expect(room.contains(part), "\(room)") }
        let participant = try text(Livekit_ParticipantInfo())
        #expect(participant.contains(#""state":"JOINING""#) && participant.contains(#""attributes":{}"#))
        #expect(participant.contains(#""kind":"STANDARD""#) && participant.contains(#""permission":null"#))
    }

    @Test("Members of a oneof and optional fields that hold nothing stay away")
    func oneofs() throws {
        let egress = try text(Livekit_EgressInfo())
        #expect(!egress.contains("room_composite") && egress.contains(#""file_results":[]"#))
        #expect(!(try text(Livekit_DataTrackInfo())).contains("schema"))
        var composite = Livekit_EgressInfo()
        composite.roomComposite.roomName = "r"
        let inner = try text(composite)
        #expect(inner.contains(#""room_composite":{"room_name":"r","layout":"""#), "\(inner)")
    }

    @Test("What is inside of lists, maps and messages is completed, and values stay as they are")
    func nested() throws {
        var response = Livekit_ListParticipantsResponse()
        var participant = Livekit_ParticipantInfo()
        participant.identity = #"a "quoted\" one, {with} [brackets]: é"#
        participant.attributes = ["a\"b": "{,}", "plain": "x"]
        participant.joinedAt = -7
        participant.tracks = [Livekit_TrackInfo(), Livekit_TrackInfo()]
        participant.tracks[1].layers = [Livekit_VideoLayer()]
        response.participants = [participant, Livekit_ParticipantInfo()]
        let text = try text(response)
        #expect(try Livekit_ListParticipantsResponse(jsonString: text) == response)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let people = try #require(json["participants"] as? [[String: Any]])
        #expect(people.count == 2 && people[0].count == people[1].count && people[0].count > 15)
        let tracks = try #require(people[0]["tracks"] as? [[String: Any]])
        #expect((tracks[0]["layers"] as? [Any])?.isEmpty == true)
        #expect((tracks[1]["layers"] as? [[String: Any]])?.first?["quality"] as? String == "LOW")
        #expect(people[0]["joined_at"] as? String == "-7")
    }

    @Test("Durations and timestamps are left as they are")
    func wellKnownTypes() throws {
        var trunk = Livekit_SIPInboundTrunkInfo()
        trunk.ringingTimeout = Google_Protobuf_Duration(seconds: 3)
        let text = try text(trunk)
        #expect(text.contains(#""ringing_timeout":"3s""#) && text.contains(#""max_call_duration":null"#))
    }

    @Test("The answers of all services decode again to what they were", arguments: Self.answers.indices)
    func everyAnswer(_ index: Int) throws {
        func check<Answer: Message & Equatable>(_ type: Answer.Type) throws {
            let text = try text(Answer())
            #expect(try Answer(jsonString: text) == Answer(), "\(text)")
        }
        try check(Self.answers[index])
    }

    private static let answers: [any (Message & Equatable).Type] = [
        Livekit_Room.self, Livekit_ListRoomsResponse.self, Livekit_DeleteRoomResponse.self,
        Livekit_ListParticipantsResponse.self, Livekit_ParticipantInfo.self, Livekit_RemoveParticipantResponse.self,
        Livekit_MuteRoomTrackResponse.self, Livekit_UpdateSubscriptionsResponse.self, Livekit_SendDataResponse.self,
        Livekit_ForwardParticipantResponse.self, Livekit_MoveParticipantResponse.self,
        Livekit_PerformRpcResponse.self, Livekit_AgentDispatch.self, Livekit_ListAgentDispatchResponse.self,
        Livekit_EgressInfo.self, Livekit_ListEgressResponse.self, Livekit_IngressInfo.self,
        Livekit_ListIngressResponse.self, Livekit_SIPTrunkInfo.self, Livekit_SIPInboundTrunkInfo.self,
        Livekit_SIPOutboundTrunkInfo.self, Livekit_SIPDispatchRuleInfo.self, Livekit_SIPParticipantInfo.self,
        Livekit_ListSIPTrunkResponse.self, Livekit_ListSIPInboundTrunkResponse.self,
        Livekit_ListSIPOutboundTrunkResponse.self, Livekit_ListSIPDispatchRuleResponse.self,
        Livekit_GetSIPInboundTrunkResponse.self, Livekit_GetSIPOutboundTrunkResponse.self,
        Livekit_TransferSIPParticipantResponse.self,
    ]
}
