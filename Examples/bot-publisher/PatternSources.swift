import Foundation
import LiveKitClient
import LiveKitMedia

/// Draws the test picture, each with its number and the time of day.
struct PictureSource: MediaSource {
    let track: LocalVideoTrack
    let framesPerSecond: Int

    func run() async throws {
        let size = track.dimensions
        let picture = TestPicture(width: size.width, height: size.height)
        var frame = I420Frame(width: size.width, height: size.height)
        let clock = ContinuousClock()
        let start = clock.now
        var counter: UInt32 = 0
        while true {
            let elapsed = Duration.seconds(1) * Int(counter) / framesPerSecond
            try await clock.sleep(until: start + elapsed)
            picture.render(
                counter: counter, timestampMilliseconds: UInt64(Date().timeIntervalSince1970 * 1000), into: &frame)
            frame.timestampNanoseconds = Int64(counter) * 1_000_000_000 / Int64(framesPerSecond)
            track.capture(frame)
            counter &+= 1
        }
    }
}

/// Plays a steady tone.
struct ToneSource: MediaSource {
    let track: LocalAudioTrack
    let frequency: Double

    func run() async throws {
        var tone = TestTone(frequency: frequency, channels: track.channels)
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        while true {
            try await clock.sleep(until: start + .milliseconds(20) * count)
            track.capture(tone.next(frameCount: 960))
            count += 1
        }
    }
}
