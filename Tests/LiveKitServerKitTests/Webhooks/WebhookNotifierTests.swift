import LiveKitCore
import LiveKitProtobuf
import Logging
import Metrics
import Testing

@testable import LiveKitServerKit

@Suite("Webhooks: many endpoints", .timeLimit(.minutes(1)))
struct WebhookNotifierTests {
    @Test("Endpoints that egresses name for themselves and that are down take no place from the configured one")
    func manyOwnEndpoints() async throws {
        let inbox = try await WebhookInbox.open()
        var configuration = LiveKitServerConfiguration.Webhook()
        configuration.urls = [inbox.url]
        configuration.apiKey = TestServer.key
        let notifier = WebhookNotifier(
            configuration, keys: [TestServer.key: TestServer.secret], clock: .system,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: NOOPMetricsHandler.instance)
        var ended = Livekit_WebhookEvent()
        ended.event = WebhookEventName.egressEnded.rawValue
        ended.egressInfo.egressID = "EG_1"
        ended.egressInfo.roomComposite.webhooks = (0..<2 * WebhookBounds.ownDestinations).map { index in
            var webhook = Livekit_WebhookConfig()
            webhook.url = "http://127.0.0.1:1/\(index)"
            return webhook
        }
        var started = Livekit_WebhookEvent()
        started.event = WebhookEventName.roomStarted.rawValue
        started.room.name = "room"
        let events = [ended, started]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await notifier.run() }
            for (index, event) in events.enumerated() {
                notifier.notify(event)
                // What was delivered gives its place back.
                try await inbox.wait(for: index + 1)
            }
            group.cancelAll()
        }
        try await inbox.close()
        #expect(inbox.events == ["egress_ended", "room_started"])
    }
}
