import LiveKitClient
import LiveKitMedia
import Synchronization

/// Listens for the pitch of what arrives.
final class ToneGauge: AudioRenderer {
    private struct State {
        var detector = ToneDetector()
        var track: RemoteAudioTrack?
    }

    private let state = Mutex(State())

    /// The pitch heard last; `nil` in silence.
    var frequency: Double? { state.withLock { $0.detector }.tone()?.frequency }
    var track: RemoteAudioTrack? { state.withLock { $0.track } }

    /// Listens to the track unless another one is listened to.
    func adopt(_ track: RemoteAudioTrack) -> Bool {
        state.withLock { state in
            guard state.track == nil else { return false }
            state.track = track
            return true
        }
    }

    func render(pcmBuffer: PCMBuffer) {
        state.withLock { $0.detector.receive(pcmBuffer) }
    }
}
