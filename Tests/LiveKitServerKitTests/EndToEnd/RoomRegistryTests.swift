import LiveKitCore
import LiveKitProtobuf
import Logging
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("The rooms of a server", .timeLimit(.minutes(1)))
struct RoomRegistryTests {
    @Test(
        "Every room that is opened runs, however many are opened at once and whatever is allowed", arguments: [0, 200])
    func runsAll(limit: Int) async throws {
        var configuration = LiveKitServerConfiguration()
        configuration.keys = [TestServer.key: TestServer.secret]
        configuration.limits.rooms = limit
        configuration.logLevel = .critical
        let media = RecordingMediaPlane()
        let server = try LiveKitServer(configuration: configuration, mediaPlane: media)
        var sids: [String] = []
        for number in 0..<100 {
            sids.append(try await server.registry.create("room \(number)", CreateSettings()).info.sid)
        }
        async let run: Void = server.registry.run()
        await server.registry.shutdown()
        await run
        // Whoever runs a room closes its media.
        let left = sids.filter { media.room($0)?.isClosed.load(ordering: .relaxed) != true }
        #expect(left == [])
        await #expect(throws: JoinRefusal.unavailable) { try await server.registry.create("late", CreateSettings()) }
    }
}
