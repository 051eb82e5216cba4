import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Egress over HTTP, with a worker behind psrpc", .timeLimit(.minutes(1)))
struct EgressServiceTests {
    private func call(_ server: TestServer, _ method: String, _ json: String) async throws -> HTTPAnswer {
        try await server.call(method, json, token: TestServer.workerToken(), service: "Egress")
    }

    private func info(_ answer: HTTPAnswer) throws -> Livekit_EgressInfo {
        #expect(answer.status == 200, "\(answer.body)")
        return try Livekit_EgressInfo(jsonString: answer.body)
    }

    /// A server with a room, a worker, and an endpoint for webhooks.
    private func withWorker(
        _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, EgressWorker) async throws -> Void
    ) async throws -> [Livekit_WebhookEvent] {
        let bus = LocalMessageBus()
        let inbox = try await WebhookInbox.open()
        try await TestServer.with(workers: .local(over: bus)) {
            $0.webhook.urls = [inbox.url]
            $0.webhook.apiKey = TestServer.key
            configure(&$0)
        } _: { server in
            try await EgressWorker.with(bus) { worker in
                #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
                try await body(server, worker)
            }
        }
        try await inbox.close()
        return inbox.all.map(\.event).filter { $0.hasEgressInfo }
    }

    @Test(
        "Each kind of egress reaches a worker, with its room's SID",
        arguments: [
            ("StartEgress", #"{"room_name":"room","template":{"layout":"grid"}}"#),
            ("StartRoomCompositeEgress", #"{"room_name":"room","layout":"grid"}"#),
            ("StartParticipantEgress", #"{"room_name":"room","identity":"alice"}"#),
            ("StartTrackCompositeEgress", #"{"room_name":"room","audio_track_id":"TR_1"}"#),
            ("StartTrackEgress", #"{"room_name":"room","track_id":"TR_1"}"#),
        ])
    func starts(method: String, json: String) async throws {
        _ = try await withWorker { server, worker in
            let started = try info(try await call(server, method, json))
            let rooms = try Livekit_ListRoomsResponse(jsonString: try await server.call("ListRooms", "{}").body)
            #expect(started.egressID.hasPrefix("EG_") && started.status == .egressStarting)
            #expect(started.roomName == "room" && started.roomID == rooms.rooms.first?.sid)
            let request = try #require(await worker.requests.first)
            #expect(request.egressID == started.egressID && request.roomID == started.roomID)
        }
    }

    @Test("An egress of a page needs no room")
    func web() async throws {
        _ = try await withWorker { server, worker in
            let started = try info(try await call(server, "StartWebEgress", #"{"url":"https://example.com"}"#))
            #expect(started.roomID.isEmpty)
            #expect(await worker.requests.first?.web.url == "https://example.com")
        }
    }

    @Test("An egress is listed from its start on, and webhooks are told of its life in order")
    func life() async throws {
        let events = try await withWorker { server, worker in
            let id = try info(try await call(server, "StartTrackEgress", #"{"room_name":"room","track_id":"TR_1"}"#))
                .egressID
            for json in [#"{"egress_id":"\#(id)"}"#, #"{"room_name":"room"}"#, #"{"active":true}"#, "{}"] {
                let listed = try Livekit_ListEgressResponse(jsonString: try await call(server, "ListEgress", json).body)
                #expect(listed.items.map(\.egressID) == [id], "\(json)")
            }
            try await worker.report(id, .egressActive)
            let stopped = try info(try await call(server, "StopEgress", #"{"egress_id":"\#(id)"}"#))
            #expect(stopped.status == .egressEnding)
            try await worker.end(id, .egressComplete, at: 5)
            let active = try await call(server, "ListEgress", #"{"active":true}"#)
            #expect(try Livekit_ListEgressResponse(jsonString: active.body).items.isEmpty)
        }
        #expect(events.map(\.event) == ["egress_started", "egress_updated", "egress_ended"])
        #expect(events.allSatisfy { $0.room.name == "room" && $0.egressInfo.track.trackID == "TR_1" })
        #expect(Set(events.map(\.room.sid)) == Set(events.map(\.egressInfo.roomID)))
    }

    @Test("What cannot be done is refused as LiveKit refuses it")
    func refusals() async throws {
        _ = try await withWorker { server, worker in
            let id = try info(try await call(server, "StartWebEgress", #"{"url":"https://example.com"}"#)).egressID
            try await worker.end(id, .egressFailed, at: 5)
            let table: [(String, String, Int, String, String)] = [
                (
                    "StartRoomCompositeEgress", #"{"room_name":"none"}"#, 404, "not_found",
                    "requested room does not exist"
                ),
                ("ListEgress", #"{"egress_id":"EG_none"}"#, 404, "not_found", "egress does not exist"),
                ("StopEgress", #"{"egress_id":"EG_none"}"#, 404, "not_found", "egress does not exist"),
                ("UpdateStream", #"{"egress_id":"EG_none"}"#, 404, "not_found", "egress does not exist"),
                ("UpdateLayout", #"{"egress_id":"EG_none"}"#, 404, "not_found", "egress does not exist"),
                ("UpdateLayout", #"{"egress_id":"\#(id)"}"#, 404, "not_found", ""),
                (
                    "StopEgress", #"{"egress_id":"\#(id)"}"#, 412, "failed_precondition",
                    "egress with status EGRESS_FAILED cannot be stopped"
                ),
                (
                    "UpdateStream", #"{"egress_id":"\#(id)"}"#, 412, "failed_precondition",
                    "egress with status EGRESS_FAILED cannot be updated"
                ),
            ]
            for (method, json, status, code, message) in table {
                let answer = try await call(server, method, json)
                #expect(answer.status == status && answer.body.contains(#""code":"\#(code)""#), "\(method): \(answer)")
                #expect(answer.body.contains(message), "\(method): \(answer.body)")
            }
            let stranger = try await server.call("ListEgress", "{}", service: "Egress")
            #expect(stranger.status == 401 && stranger.body.contains("permissions denied"))
        }
    }

    @Test("A worker's refusal is told as it is; one that is full now is asked again")
    func workerFailures() async throws {
        _ = try await withWorker { server, worker in
            await worker.fail(RPCError(.invalidArgument, "request has no output"))
            let refused = try await call(server, "StartWebEgress", #"{"url":"https://example.com"}"#)
            #expect(refused.status == 400 && refused.body.contains("request has no output"))
            #expect(await worker.requests.count == 1)
            await worker.fail(RPCError(.resourceExhausted, "full"))
            _ = try info(try await call(server, "StartWebEgress", #"{"url":"https://example.com"}"#))
            #expect(await worker.requests.count == 3)
        }
    }

    @Test("The layout goes into the metadata of the egress' participant")
    func layout() async throws {
        _ = try await withWorker { server, worker in
            let started = try info(try await call(server, "StartRoomCompositeEgress", #"{"room_name":"room"}"#))
            let recorder = try await server.signal(started.egressID)
            _ = try await recorder.join()
            let answer = try await call(
                server, "UpdateLayout", #"{"egress_id":"\#(started.egressID)","layout":"speaker \"dark\""}"#)
            #expect(try info(answer).egressID == started.egressID)
            let participant = try await server.call(
                "GetParticipant", #"{"room":"room","identity":"\#(started.egressID)"}"#)
            let metadata = try Livekit_ParticipantInfo(jsonString: participant.body).metadata
            #expect(metadata == #"{"layout":"speaker \"dark\""}"#)
        }
    }

    @Test("Streams are added and taken away by the egress' own worker")
    func streams() async throws {
        _ = try await withWorker { server, worker in
            let id = try info(try await call(server, "StartWebEgress", #"{"url":"https://example.com"}"#)).egressID
            let json = #"{"egress_id":"\#(id)","add_output_urls":["rtmp://a/b"]}"#
            #expect(try info(try await call(server, "UpdateStream", json)).egressID == id)
            #expect(await worker.updates.map(\.addOutputUrls) == [["rtmp://a/b"]])
        }
    }

    @Test("An egress may name webhooks of its own, with their key and their events")
    func ownWebhooks() async throws {
        let bus = LocalMessageBus()
        let inbox = try await WebhookInbox.open()
        try await TestServer.with(workers: .local(over: bus)) { server in
            try await EgressWorker.with(bus) { worker in
                let hook = #"{"url":"\#(inbox.url)","signing_key":"\#(TestServer.key)""#
                let json = #"{"url":"a","webhooks":[\#(hook),"filter_params":{"exclude_events":["egress_updated"]}}]}"#
                let id = try info(try await call(server, "StartWebEgress", json)).egressID
                try await worker.report(id, .egressActive)
                try await worker.end(id, .egressComplete, at: 5)
                let unsigned = #"{"url":"a","webhooks":[{"url":"\#(inbox.url)","signing_key":"another"}]}"#
                _ = try info(try await call(server, "StartWebEgress", unsigned))
                try await inbox.wait(for: 2)
            }
        }
        try await inbox.close()
        #expect(inbox.events == ["egress_started", "egress_ended"])
        #expect(inbox.all.allSatisfy { $0.isGenuine })
    }

    @Test("Without a worker there is a clear answer soon, and rooms notice nothing")
    func noWorker() async throws {
        try await TestServer.with(workers: .local(over: LocalMessageBus())) { server in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            let answer = try await call(server, "StartRoomCompositeEgress", #"{"room_name":"room"}"#)
            #expect(answer.status == 503 && answer.body.contains("no response from servers"), "\(answer)")
            #expect(answer.body.contains(#""code":"unavailable""#))
            let created = try await server.call("CreateRoom", #"{"name":"other","egress":{"room":{}}}"#)
            #expect(created.status == 503 && created.body.contains("no response from servers"), "\(created)")
            let rooms = try await eventually {
                let list = try Livekit_ListRoomsResponse(jsonString: try await server.call("ListRooms", "{}").body)
                return list.rooms.count == 1 ? list.rooms : nil
            }
            #expect(rooms.map(\.name) == ["room"] && rooms.first?.numParticipants == 1)
        }
    }

    @Test("A bus that is away is told at once")
    func noBus() async throws {
        let bus = LocalMessageBus()
        bus.close()
        try await TestServer.with(workers: .local(over: bus)) { server in
            let answer = try await call(server, "StartWebEgress", "{}")
            #expect(answer.status == 503 && answer.body.contains("message bus"), "\(answer)")
            #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
        }
    }

    @Test(
        "Without Redis every call is refused as LiveKit refuses it",
        arguments: [
            "StartEgress", "StartRoomCompositeEgress", "StartWebEgress", "StartParticipantEgress",
            "StartTrackCompositeEgress", "StartTrackEgress", "UpdateLayout", "UpdateStream", "ListEgress", "StopEgress",
        ])
    func noRedis(method: String) async throws {
        try await TestServer.with { server in
            let answer = try await call(server, method, "{}")
            #expect(answer.status == 500 && answer.body.contains(#""code":"internal""#))
            #expect(answer.body.contains("egress not connected (redis required)"), "\(answer.body)")
            let stranger = try await server.call(method, "{}", service: "Egress")
            #expect(stranger.status == 401)
        }
    }
}
