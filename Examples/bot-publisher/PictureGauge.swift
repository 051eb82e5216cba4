import Foundation
import LiveKitClient
import LiveKitMedia
import Synchronization

/// Counts the pictures that arrive and reads what is written on them.
final class PictureGauge: VideoRenderer {
    struct Summary {
        /// Pictures that were decoded.
        var decoded = 0
        /// Pictures with a stamp, each number once.
        var stamped = 0
        var firstCounter: UInt32?
        var lastCounter: UInt32?
        /// The newest picture's age when it was decoded.
        var latencyMilliseconds: Double?
        var size = "-"

        /// The share of the numbers from the first to the last that came.
        var completeness: Double? {
            guard let firstCounter, let lastCounter else { return nil }
            return Double(stamped) / Double(lastCounter - firstCounter + 1)
        }
    }

    private struct State {
        var summary = Summary()
        var newest: I420Frame?
        var track: RemoteVideoTrack?
    }

    private let state = Mutex(State())

    var summary: Summary { state.withLock { $0.summary } }
    var newestFrame: I420Frame? { state.withLock { $0.newest } }
    var track: RemoteVideoTrack? { state.withLock { $0.track } }

    /// Watches the track unless another one is watched.
    func adopt(_ track: RemoteVideoTrack) -> Bool {
        state.withLock { state in
            guard state.track == nil else { return false }
            state.track = track
            return true
        }
    }

    func render(frame: I420Frame) {
        let stamp = TestPicture.read(frame)
        let now = Date().timeIntervalSince1970 * 1000
        state.withLock { state in
            state.newest = frame
            state.summary.decoded += 1
            state.summary.size = "\(frame.width)x\(frame.height)"
            guard let stamp else { return }
            state.summary.latencyMilliseconds = now - Double(stamp.timestampMilliseconds)
            if let last = state.summary.lastCounter, stamp.counter <= last { return }
            state.summary.firstCounter = state.summary.firstCounter ?? stamp.counter
            state.summary.lastCounter = stamp.counter
            state.summary.stamped += 1
        }
    }
}
