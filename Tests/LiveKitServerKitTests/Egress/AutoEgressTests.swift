import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Automatic egress, from requests, tokens and presets", .timeLimit(.minutes(1)))
struct AutoEgressTests {
    private static let preset = #"{"participant":{"preset":"H264_1080P_30","file_outputs":[{"filepath":"a"}]}}"#

    private func publish(_ server: TestServer, _ client: SignalClient) async throws {
        let join = try await client.join()
        let room = try #require(server.media.room(join.room.sid))
        let sid = ParticipantSID(rawValue: join.participant.sid)
        room.report([.connectionState(sid, .subscriber, .connected)])
        var track = Livekit_AddTrackRequest()
        track.cid = "microphone"
        track.type = .audio
        track.source = .microphone
        try client.send(.addTrack(track))
        let published = try await client.first { if case .trackPublished(let it) = $0 { it.track } else { nil } }
        room.report([
            .trackStarted(sid, TrackSID(rawValue: published.sid), TrackDetails(mimeType: "audio/opus", mid: "0"))
        ])
    }

    private func requests(_ worker: EgressWorker, _ count: Int) async throws -> [Rpc_StartEgressRequest] {
        try await eventually {
            let requests = await worker.requests
            return requests.count >= count ? requests : nil
        }
    }

    @Test("A room that is created to be recorded is recorded when the call returns, and its tracks later")
    func byRequest() async throws {
        let bus = LocalMessageBus()
        try await TestServer.with(workers: .local(over: bus)) { server in
            try await EgressWorker.with(bus) { worker in
                let json = #"{"name":"room","egress":{"room":{"layout":"grid"},"tracks":{"filepath":"t"}}}"#
                let created = try await server.call("CreateRoom", json)
                #expect(created.status == 200, "\(created.body)")
                let composite = try #require(await worker.requests.first)
                #expect(composite.roomComposite.roomName == "room" && composite.roomComposite.layout == "grid")
                #expect(composite.roomID == (try Livekit_Room(jsonString: created.body)).sid)
                #expect(try await server.call("CreateRoom", json).status == 200, "it is there already")
                try await publish(server, try await server.signal("alice"))
                let all = try await requests(worker, 2)
                #expect(all.count == 2 && all.last?.track.file.filepath == "t-{track_id}")
            }
        }
    }

    @Test("Tokens and presets have rooms recorded, without making those wait who join")
    func byTokenAndPreset() async throws {
        let bus = LocalMessageBus()
        try await TestServer.with(workers: .local(over: bus)) {
            var preset = LiveKitServerConfiguration.RoomPreset()
            try? preset.setEgress(json: Self.preset)
            $0.room.presets["recorded"] = preset
        } _: { server in
            try await EgressWorker.with(bus) { worker in
                let byToken = try TestServer.token("alice", room: "one") {
                    $0.roomConfiguration = Livekit_RoomConfiguration()
                    $0.roomConfiguration?.egress.room.layout = "speaker"
                }
                let alice = try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(byToken)")
                _ = try await alice.join()
                let composite = try #require(try await requests(worker, 1).first).roomComposite
                #expect(composite.roomName == "one" && composite.layout == "speaker")
                let byPreset = try TestServer.token("bob", room: "two") { $0.roomPreset = "recorded" }
                try await publish(
                    server, try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(byPreset)"))
                let participant = try #require(try await requests(worker, 2).last).participant
                #expect(participant.identity == "bob" && participant.roomName == "two")
                #expect(participant.preset == .h2641080P30 && participant.fileOutputs.count == 1)
            }
        }
    }

    @Test("An egress that cannot begin is told to webhooks as one that failed, and logged")
    func failures() async throws {
        let log = CapturedLog()
        let inbox = try await WebhookInbox.open()
        try await TestServer.with(logger: log.logger) {
            $0.webhook.urls = [inbox.url]
            $0.webhook.apiKey = TestServer.key
        } _: { server in
            let token = try TestServer.token("alice") {
                $0.roomConfiguration = Livekit_RoomConfiguration()
                $0.allowsStorageCredentials = true
                var file = Livekit_EncodedFileOutput()
                file.filepath = "f"
                file.s3.secret = "hush"
                var stream = Livekit_StreamOutput()
                stream.urls = ["rtmp://hush"]
                $0.roomConfiguration?.egress.room.layout = "grid"
                $0.roomConfiguration?.egress.room.fileOutputs = [file]
                $0.roomConfiguration?.egress.room.streamOutputs = [stream]
                $0.roomConfiguration?.egress.tracks.filepath = "a"
                $0.roomConfiguration?.egress.tracks.s3.secret = "hush"
            }
            try await publish(
                server, try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)"))
            _ = try await eventually { inbox.all.filter { $0.event.hasEgressInfo }.count == 2 ? true : nil }
        }
        try await inbox.close()
        let failed = inbox.all.map(\.event).filter(\.hasEgressInfo)
        #expect(failed.allSatisfy { $0.event == "egress_ended" && $0.egressInfo.status == .egressFailed })
        #expect(failed.allSatisfy { $0.egressInfo.error == "egress not connected (redis required)" })
        #expect(failed.allSatisfy { $0.room.name == "room" && $0.room.sid == $0.egressInfo.roomID })
        #expect(failed.contains { $0.egressInfo.roomComposite.layout == "grid" })
        #expect(failed.contains { $0.egressInfo.roomComposite.fileOutputs.first?.filepath == "f" })
        #expect(try failed.allSatisfy { !(try $0.jsonString().contains("hush")) }, "what only storage is to know")
        #expect(failed.contains { $0.egressInfo.track.file.filepath == "a-{track_id}" })
        #expect(log.text.contains("automatic egress did not begin"))
    }

    @Test("Without Redis a room that is to be recorded is not created")
    func withoutRedis() async throws {
        try await TestServer.with { server in
            let answer = try await server.call("CreateRoom", #"{"name":"room","egress":{"tracks":{"filepath":"a"}}}"#)
            #expect(answer.status == 500 && answer.body.contains("egress not connected (redis required)"))
            #expect(try await server.call("ListRooms", "{}").body.contains("room\"") == false)
        }
    }
}
