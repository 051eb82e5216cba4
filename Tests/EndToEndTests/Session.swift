import Foundation
import LiveKitClient
import LiveKitCore
import LiveKitMedia
import LiveKitServerKit
import Synchronization

/// A server in this process on free ports, for as long as `body` runs.
func withServer(
    _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in }, _ body: (Session) async throws -> Void
) async throws {
    var configuration = LiveKitServerConfiguration.development
    configuration.port = 0
    configuration.rtc.udpPort = 0
    configuration.bindAddresses = ["127.0.0.1"]
    configure(&configuration)
    let server = try await LiveKitServer(configuration: configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let port = try await server.started()
        try await body(Session(port: port, udpPort: server.udpPort ?? 0))
        await server.shutdown()
        try await group.waitForAll()
    }
}

/// Where the server of a test is.
struct Session {
    let port: Int
    let udpPort: UInt16

    func token(_ identity: String, room: String = "test") throws -> String {
        var token = AccessToken(apiKey: "devkey", apiSecret: "secret", identity: identity)
        token.video = VideoGrant(room: room, roomJoin: true)
        token.video?.canUpdateOwnMetadata = true
        return try token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }

    func join(_ identity: String, room name: String = "test") async throws -> Room {
        let room = Room()
        try await room.connect(url: "ws://127.0.0.1:\(port)", token: try token(identity, room: name))
        return room
    }
}

/// Waits until a condition holds, at most `seconds`. Returns whether it does.
func eventually(within seconds: Double = 30, _ condition: () async -> Bool) async -> Bool {
    for _ in 0..<Int(seconds / 0.02) {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return await condition()
}

/// Counts what was painted.
final class PaintedFrames: Sendable {
    private let frames = Atomic<Int>(0)

    var count: Int { frames.load(ordering: .relaxed) }

    fileprivate func add() { frames.add(1, ordering: .relaxed) }
}

/// Paints the stamped test picture into a track until cancelled, thirty times a second.
func paint(_ track: LocalVideoTrack, width: Int, height: Int, counting painted: PaintedFrames? = nil) async {
    let picture = TestPicture(width: width, height: height)
    var frame = I420Frame(width: width, height: height)
    var counter: UInt32 = 0
    while !Task.isCancelled {
        picture.render(counter: counter, timestampMilliseconds: UInt64(counter) * 33, into: &frame)
        frame.timestampNanoseconds = Int64(counter) * 33_333_333
        track.capture(frame)
        painted?.add()
        counter += 1
        try? await Task.sleep(for: .milliseconds(33))
    }
}

/// Whistles into a track until cancelled.
func whistle(_ track: LocalAudioTrack, frequency: Double) async {
    var tone = TestTone(frequency: frequency)
    let start = ContinuousClock.now
    var packets = 0
    while !Task.isCancelled {
        track.capture(tone.next(frameCount: 960))
        packets += 1
        try? await Task.sleep(until: start + .milliseconds(20) * packets, clock: .continuous)
    }
}

/// Collects the frame counters and sizes of what is decoded.
final class PictureCollector: VideoRenderer {
    private let state = Mutex<(counters: [UInt32], widths: [Int])>(([], []))

    var counters: [UInt32] { state.withLock { $0.counters } }
    var widths: [Int] { state.withLock { $0.widths } }

    func render(frame: I420Frame) {
        let stamp = TestPicture.read(frame)
        state.withLock {
            $0.widths.append(frame.width)
            if let stamp { $0.counters.append(stamp.counter) }
        }
    }
}

/// Measures what is heard.
final class ToneCollector: AudioRenderer {
    private let detector = Mutex(ToneDetector())

    var frequency: Double? { detector.withLock { $0.tone()?.frequency } }

    func render(pcmBuffer: PCMBuffer) {
        detector.withLock { $0.receive(pcmBuffer) }
    }
}
