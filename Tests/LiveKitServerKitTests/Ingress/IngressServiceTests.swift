import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Ingress over HTTP, with a worker behind psrpc", .timeLimit(.minutes(1)))
struct IngressServiceTests {
    private static let rtmp =
        #"{"input_type":"RTMP_INPUT","name":"stage","room_name":"room","participant_identity":"obs"}"#

    private func call(_ server: TestServer, _ method: String, _ json: String) async throws -> HTTPAnswer {
        try await server.call(method, json, token: TestServer.workerToken(), service: "Ingress")
    }

    private func info(_ answer: HTTPAnswer) throws -> Livekit_IngressInfo {
        #expect(answer.status == 200, "\(answer.body)")
        return try Livekit_IngressInfo(jsonString: answer.body)
    }

    /// A server, and the way of its workers to it. What webhooks hear of ingresses.
    private func withServer(
        _ bus: any MessageBus = LocalMessageBus(), _ body: @Sendable (TestServer, IOInfoClient) async throws -> Void
    ) async throws -> [Livekit_WebhookEvent] {
        let inbox = try await WebhookInbox.open()
        try await TestServer.with(workers: .local(over: bus)) {
            $0.webhook.urls = [inbox.url]
            $0.webhook.apiKey = TestServer.key
            $0.ingress.rtmpBaseURL = "rtmp://here/x"
            $0.ingress.whipBaseURL = "https://here/w"
        } _: { server in
            try await IOInfoClient.with(bus) { io in try await body(server, io) }
        }
        try await inbox.close()
        return inbox.all.map(\.event).filter { $0.hasIngressInfo }
    }

    private func tell(_ io: IOInfoClient, _ id: String, _ status: Livekit_IngressState.Status, at time: Int64)
        async throws
    {
        var request = Rpc_UpdateIngressStateRequest()
        request.ingressID = id
        request.state.status = status
        request.state.startedAt = 1
        request.state.updatedAt = time
        _ = try await io.call(IOInfoRPC.updateIngressState, request)
    }

    @Test("An ingress has an address, a secret key, and what LiveKit's defaults say")
    func creates() async throws {
        _ = try await withServer { server, _ in
            let rtmp = try info(try await call(server, "CreateIngress", Self.rtmp))
            #expect(rtmp.ingressID.hasPrefix("IN_") && rtmp.url == "rtmp://here/x" && rtmp.streamKey.count == 12)
            #expect(rtmp.reusable && rtmp.hasEnableTranscoding && rtmp.enableTranscoding && !rtmp.bypassTranscoding)
            #expect(rtmp.hasState && rtmp.state.status == .endpointInactive && rtmp.name == "stage")
            let whip = try info(
                try await call(server, "CreateIngress", #"{"input_type":1,"participant_identity":"b"}"#))
            #expect(whip.url == "https://here/w" && !whip.enableTranscoding && whip.bypassTranscoding)
            #expect(whip.streamKey != rtmp.streamKey)
            let listed = try await call(server, "ListIngress", #"{"room_name":"room"}"#)
            #expect(try Livekit_ListIngressResponse(jsonString: listed.body).items == [rtmp])
            let all = try Livekit_ListIngressResponse(jsonString: try await call(server, "ListIngress", "{}").body)
            #expect(all.items.count == 2)
        }
    }

    @Test("A worker finds an ingress by its key, and webhooks hear when it begins and ends")
    func life() async throws {
        let events = try await withServer { server, io in
            let created = try info(try await call(server, "CreateIngress", Self.rtmp))
            var question = Rpc_GetIngressInfoRequest()
            question.streamKey = created.streamKey
            let found: Rpc_GetIngressInfoResponse = try await io.call(IOInfoRPC.getIngressInfo, question)
            #expect(found.info == created && found.token.isEmpty && found.wsURL.isEmpty)
            for (status, time) in [
                (Livekit_IngressState.Status.endpointBuffering, Int64(1)), (.endpointPublishing, 2),
                (.endpointPublishing, 3), (.endpointInactive, 4),
            ] {
                try await tell(io, created.ingressID, status, at: time)
            }
            let listed = try await call(server, "ListIngress", #"{"ingress_id":"\#(created.ingressID)"}"#)
            #expect(try Livekit_ListIngressResponse(jsonString: listed.body).items.first?.state.updatedAt == 4)
            let deleted = try info(try await call(server, "DeleteIngress", #"{"ingress_id":"\#(created.ingressID)"}"#))
            #expect(deleted.ingressID == created.ingressID)
            await #expect(throws: RPCError.ingressNotFound) {
                let _: Rpc_GetIngressInfoResponse = try await io.call(IOInfoRPC.getIngressInfo, question)
            }
        }
        #expect(events.map(\.event) == ["ingress_started", "ingress_ended"])
        #expect(events.allSatisfy { $0.room.name == "room" && $0.ingressInfo.name == "stage" })
    }

    @Test("The state of an earlier session does not take the place of a later one's")
    func order() async throws {
        let events = try await withServer { server, io in
            let id = try info(try await call(server, "CreateIngress", Self.rtmp)).ingressID
            var request = Rpc_UpdateIngressStateRequest()
            request.ingressID = id
            request.state.status = .endpointPublishing
            request.state.startedAt = 10
            _ = try await io.call(IOInfoRPC.updateIngressState, request)
            request.state.updatedAt = 20
            request.state.status = .endpointInactive
            _ = try await io.call(IOInfoRPC.updateIngressState, request)
            // Said before that, and heard after it.
            request.state.updatedAt = 15
            request.state.status = .endpointPublishing
            _ = try await io.call(IOInfoRPC.updateIngressState, request)
            request.state.startedAt = 9
            let earlier = request
            await #expect(throws: RPCError.ingressOutOfDate) {
                _ = try await io.call(IOInfoRPC.updateIngressState, earlier)
            }
        }
        #expect(events.map(\.event) == ["ingress_started", "ingress_ended"])
    }

    @Test("What is changed is stored, and told to the worker of one that runs")
    func updates() async throws {
        let bus = LocalMessageBus()
        let told = Mutex<[String]>([])
        _ = try await withServer(bus) { server, io in
            let id = try info(try await call(server, "CreateIngress", Self.rtmp)).ingressID
            let change = #"{"ingress_id":"\#(id)","name":"hall","room_name":"other"}"#
            let changed = try info(try await call(server, "UpdateIngress", change))
            #expect(changed.name == "hall" && changed.roomName == "other" && changed.participantIdentity == "obs")
            let moved = try await call(server, "ListIngress", #"{"room_name":"other"}"#)
            #expect(try Livekit_ListIngressResponse(jsonString: moved.body).items.map(\.ingressID) == [id])
            try await tell(io, id, .endpointPublishing, at: 2)
            let worker = RPCServer(over: bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await worker.run() }
                defer { group.cancelAll() }
                try await worker.register(IngressHandlerRPC.updateIngress, topic: [id]) { request throws(RPCError) in
                    told.withLock { $0.append("update " + request.name) }
                    return Livekit_IngressState()
                }
                try await worker.register(IngressHandlerRPC.deleteIngress, topic: [id]) { _ throws(RPCError) in
                    told.withLock { $0.append("delete") }
                    return Livekit_IngressState()
                }
                _ = try info(try await call(server, "UpdateIngress", #"{"ingress_id":"\#(id)","name":"roof"}"#))
                _ = try info(try await call(server, "DeleteIngress", #"{"ingress_id":"\#(id)"}"#))
            }
        }
        #expect(told.withLock { $0 } == ["update roof", "delete"])
    }

    @Test("One that runs is deleted even if its worker is gone")
    func lostWorker() async throws {
        _ = try await withServer { server, io in
            let id = try info(try await call(server, "CreateIngress", Self.rtmp)).ingressID
            try await tell(io, id, .endpointPublishing, at: 2)
            #expect(try info(try await call(server, "DeleteIngress", #"{"ingress_id":"\#(id)"}"#)).ingressID == id)
            #expect(try await call(server, "ListIngress", #"{"ingress_id":"\#(id)"}"#).status == 404)
        }
    }

    @Test("A URL is fetched by a worker; without one there is a clear answer")
    func fetches() async throws {
        let bus = LocalMessageBus()
        _ = try await withServer(bus) { server, _ in
            let json =
                #"{"input_type":"URL_INPUT","url":"https://example.com/a.mp4","room_name":"room","participant_identity":"tv"}"#
            let alone = try await call(server, "CreateIngress", json)
            #expect(alone.status == 503 && alone.body.contains("no response from servers"))
            let worker = RPCServer(over: bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await worker.run() }
                defer { group.cancelAll() }
                try await worker.register(IngressRPC.startIngress) { request throws(RPCError) in
                    var info = request.info
                    info.state.status = .endpointBuffering
                    return info
                }
                let started = try info(try await call(server, "CreateIngress", json))
                #expect(started.state.status == .endpointBuffering && started.streamKey.isEmpty && !started.reusable)
                #expect(started.url == "https://example.com/a.mp4")
            }
        }
    }

    @Test("What cannot be an ingress is refused in LiveKit's words")
    func refusals() async throws {
        _ = try await withServer { server, _ in
            let who = #""participant_identity":"a""#
            let table: [(String, Int, String)] = [
                (#"{"input_type":7,\#(who)}"#, 400, "invalid ingress type"),
                (#"{"input_type":0}"#, 400, "invalid ingress: no participant identity"),
                (#"{"input_type":2,\#(who)}"#, 400, "invalid ingress: missing URL parameter"),
                (#"{"input_type":2,"url":"ftp://a",\#(who)}"#, 400, "invalid ingress: invalid url scheme ftp"),
                (#"{"input_type":2,"url":"http://a",\#(who)}"#, 400, "invalid ingress: no room name"),
                (
                    #"{"input_type":2,"url":"http://a","room_name":"r","enabled":false,\#(who)}"#, 400,
                    "invalid ingress: disabled non reusable ingress"
                ),
                (
                    #"{"input_type":0,"enable_transcoding":false,\#(who)}"#, 400,
                    "bypassing transcoding impossible with selected input type"
                ),
                (
                    #"{"input_type":1,"video":{"preset":0},\#(who)}"#, 400,
                    "video encoding options must be empty if transcoding is disabled"
                ),
                (
                    #"{"input_type":0,"video":{"options":{"layers":[{"width":3,"height":2}]}},\#(who)}"#, 400,
                    "invalid ingress: layer width must be even"
                ),
                (
                    #"{"input_type":0,"video":{"source":"MICROPHONE"},\#(who)}"#, 400,
                    "invalid video parameters: invalid track source"
                ),
                (
                    #"{"input_type":0,"audio":{"options":{"channels":3}},\#(who)}"#, 400,
                    "invalid audio parameters: invalid audio channel count"
                ),
            ]
            for (json, status, message) in table {
                let answer = try await call(server, "CreateIngress", json)
                #expect(answer.status == status && answer.body.contains(message), "\(json): \(answer.body)")
            }
            for method in ["UpdateIngress", "DeleteIngress", "ListIngress"] {
                let answer = try await call(server, method, #"{"ingress_id":"IN_none"}"#)
                #expect(answer.status == 404 && answer.body.contains("ingress does not exist"), "\(method)")
            }
        }
    }

    @Test(
        "Without Redis every call is refused as LiveKit refuses it",
        arguments: [
            ("CreateIngress", #"{"input_type":0}"#), ("UpdateIngress", "{}"), ("ListIngress", "{}"),
            ("DeleteIngress", "{}"),
        ])
    func noRedis(method: String, json: String) async throws {
        try await TestServer.with { server in
            let answer = try await call(server, method, json)
            #expect(answer.status == 500 && answer.body.contains("ingress not connected (redis required)"))
            let stranger = try await server.call(method, json, service: "Ingress")
            #expect(stranger.status == 401 && stranger.body.contains("permissions denied"))
        }
    }
}
