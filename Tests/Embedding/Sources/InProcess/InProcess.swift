import Foundation
import LiveKitClient
import LiveKitCore
import LiveKitMedia
import LiveKitServerKit

/// A server and two clients in this process: one publishes the test picture, the other must see it.
@main
struct InProcess {
    private static let framesWanted = 30

    static func main() async throws {
        var configuration = LiveKitServerConfiguration.development
        configuration.port = 0
        configuration.rtc.udpPort = 0
        configuration.logLevel = .warning
        let server = try await LiveKitServer(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let url = "ws://127.0.0.1:\(try await server.started())"
            let frames = try await watchPublisher(url)
            print("InProcess: \(frames) frames of the test picture arrived.")
            await server.shutdown()
            group.cancelAll()
        }
    }

    /// Returns once enough frames were decoded and their stamps read.
    private static func watchPublisher(_ url: String) async throws -> Int {
        let watcher = Room()
        let events = watcher.events
        try await watcher.connect(url: url, token: token("watcher"))
        let publisher = Room()
        try await publisher.connect(url: url, token: token("publisher"))
        let track = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 640, height: 360))
        try await publisher.localParticipant.publish(videoTrack: track)

        let feeding = Task { try await feed(track) }
        defer { feeding.cancel() }
        for await event in events {
            guard case .trackSubscribed(let publication, _) = event, let video = publication.track as? RemoteVideoTrack
            else { continue }
            var seen = Set<UInt32>()
            for await frame in video.frames {
                if let stamp = TestPicture.read(frame) { seen.insert(stamp.counter) }
                if seen.count == framesWanted { break }
            }
            await publisher.disconnect()
            await watcher.disconnect()
            return seen.count
        }
        return 0
    }

    private static func feed(_ track: LocalVideoTrack) async throws {
        let picture = TestPicture(width: 640, height: 360, title: "IN PROCESS")
        var counter: UInt32 = 0
        while true {
            var frame = I420Frame(width: 640, height: 360, timestampNanoseconds: Int64(counter) * 33_333_333)
            picture.render(counter: counter, timestampMilliseconds: UInt64(counter) * 33, into: &frame)
            track.capture(frame)
            counter += 1
            try await Task.sleep(for: .milliseconds(33))
        }
    }

    private static func token(_ identity: String) throws -> String {
        var token = AccessToken(apiKey: "devkey", apiSecret: "secret", identity: identity)
        token.video = VideoGrant(room: "embedded", roomJoin: true)
        return try token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }
}
