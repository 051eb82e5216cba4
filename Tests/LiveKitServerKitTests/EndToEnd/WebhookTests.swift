import LiveKitCore
import LiveKitProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: webhooks", .timeLimit(.minutes(1)))
struct WebhookTests {
    private func withServer(
        _ configure: (inout LiveKitServerConfiguration.Webhook) -> Void = { _ in },
        _ body: @Sendable (TestServer, WebhookInbox) async throws -> Void
    ) async throws -> [WebhookInbox.Received] {
        let inbox = try await WebhookInbox.open()
        try await TestServer.with {
            $0.webhook.urls = [inbox.url]
            $0.webhook.apiKey = TestServer.key
            configure(&$0.webhook)
        } _: { server in
            try await body(server, inbox)
        }
        try await inbox.close()
        return inbox.all
    }

    /// One participant's life in a room, ended by the room's deletion.
    private func live(_ server: TestServer) async throws {
        let alice = try await server.signal("alice")
        let join = try await alice.join()
        let room = try #require(server.media.room(join.room.sid))
        let sid = ParticipantSID(rawValue: join.participant.sid)
        room.report([.connectionState(sid, .subscriber, .connected)])
        var track = Livekit_AddTrackRequest()
        track.cid = "microphone"
        track.type = .audio
        track.source = .microphone
        try alice.send(.addTrack(track))
        let published = try await alice.first { if case .trackPublished(let it) = $0 { it.track } else { nil } }
        room.report([
            .trackStarted(sid, TrackSID(rawValue: published.sid), TrackDetails(mimeType: "audio/opus", mid: "0"))
        ])
        _ = try await alice.first { message -> Bool? in
            if case .update(let update) = message {
                update.participants.contains { !$0.tracks.isEmpty } ? true : nil
            } else {
                nil
            }
        }
        #expect(try await server.call("DeleteRoom", #"{"room":"room"}"#).status == 200)
    }

    @Test("A room's life is told in order, signed, in LiveKit's words; the end of it even at shutdown")
    func life() async throws {
        let received = try await withServer { server, _ in try await live(server) }
        #expect(
            received.map(\.event.event) == [
                "room_started", "participant_joined", "track_published", "track_unpublished", "participant_left",
                "room_finished",
            ])
        let sid = try #require(received.first?.event.room.sid)
        for one in received {
            #expect(one.isGenuine && one.contentType == "application/webhook+json")
            #expect(one.event.id.hasPrefix("EV_") && one.event.createdAt > 1_600_000_000 && one.event.room.sid == sid)
        }
        #expect(Set(received.map(\.event.id)).count == received.count)
        #expect(received[1].event.participant.identity == "alice" && received[1].event.participant.state == .active)
        #expect(received[1].event.room.emptyTimeout == 0, "participants' events name their room only")
        #expect(received[2].event.track.source == .microphone && received[2].event.track.mimeType == "audio/opus")
        #expect(received[3].event.track.sid == received[2].event.track.sid)
        #expect(received[4].event.participant.disconnectReason == .roomDeleted)
        #expect(received[5].event.room.emptyTimeout == 300)
    }

    @Test("An endpoint that fails gets the same event again, and nothing overtakes it")
    func retries() async throws {
        let received = try await withServer { server, inbox in
            inbox.statuses.withLock { $0 = [503, 500] }
            try await live(server)
            try await inbox.wait(for: 6)
        }
        #expect(received.count == 6)
        #expect(received.first?.event.event == "room_started" && received.last?.event.event == "room_finished")
    }

    @Test("Filters choose, and whoever leaves before being ACTIVE has aborted")
    func filters() async throws {
        let received = try await withServer {
            $0.includedEvents = ["participant_connection_aborted", "room_finished"]
            $0.sendsFullRoom = true
        } _: { server, inbox in
            let alice = try await server.signal("alice")
            _ = try await alice.join()
            try alice.send(.leave(Livekit_LeaveRequest()))
            try await inbox.wait(for: 1)
        }
        #expect(received.map(\.event.event) == ["participant_connection_aborted", "room_finished"])
        #expect(received.first?.event.participant.disconnectReason == .clientInitiated)
        #expect(received.first?.event.room.emptyTimeout == 300)
    }

    @Test("An endpoint that is not there keeps nobody waiting")
    func absent() async throws {
        let inbox = try await WebhookInbox.open()
        let url = inbox.url
        try await inbox.close()
        try await TestServer.with {
            $0.webhook.urls = [url]
            $0.webhook.apiKey = TestServer.key
            $0.timeouts.drain = .milliseconds(100)
        } _: { server in
            for index in 0..<20 {
                let client = try await server.signal("client \(index)", room: "room \(index)")
                #expect(try await client.join().participant.identity == "client \(index)")
            }
        }
    }

    @Test("The configuration is LiveKit's, and a webhook that nobody could sign is refused")
    func configuration() throws {
        let yaml = """
            keys: {k: s}
            webhook:
              urls: ["https://example.com/hook"]
              api_key: k
              filter_params: {exclude_events: [track_published]}
              resource_url_notifier: {max_age: 1m, max_depth: 7}
              url_notifier: {num_workers: 3}
            room: {enable_full_room_in_webhooks: true}
            """
        let configuration = try LiveKitServerConfiguration(yaml: yaml)
        try configuration.validate()
        #expect(configuration.webhook.urls == ["https://example.com/hook"] && configuration.webhook.sendsFullRoom)
        #expect(configuration.webhook.maximumAge == .seconds(60) && configuration.webhook.maximumDepth == 7)
        #expect(!configuration.webhook.sends("track_published") && configuration.webhook.sends("room_started"))
        for (wrong, right) in [("api_key: k", "api_key: x"), ("https://", "ftp://")] {
            let changed = try LiveKitServerConfiguration(yaml: yaml.replacing(wrong, with: right))
            #expect(throws: ConfigurationError.self) { try changed.validate() }
        }
        #expect(throws: ConfigurationError.self) {
            _ = try LiveKitServerConfiguration(yaml: yaml.replacing("1m", with: "soon"))
        }
    }
}
