internal import LiveKitRTC
internal import Synchronization

/// What the media loop wants of a track's encoders.
struct EncoderControls: Sendable {
    let keyframes = KeyframeRequests()
    let activity = LayerActivity()
    let rates: EncoderRates

    init(layerCount: Int) {
        rates = EncoderRates(layerCount: layerCount)
    }
}

/// At which rates a track's layers are to be encoded. Set on the media loop, read once for each picture.
final class EncoderRates: Sendable {
    private struct State {
        /// Bits each second; zero for a layer that is off.
        var bitrates: [Int]
        var isBacklogged = false
        var skippedCount: UInt64 = 0
    }

    private let state: Mutex<State>

    init(layerCount: Int) {
        state = Mutex(State(bitrates: Array(repeating: 0, count: layerCount)))
    }

    func set(_ rates: [Bitrate], isBacklogged: Bool) {
        state.withLock { state in
            for (index, rate) in rates.enumerated() where state.bitrates.indices.contains(index) {
                state.bitrates[index] = Int(rate.bitsPerSecond)
            }
            state.isBacklogged = isBacklogged
        }
    }

    /// `nil` for a layer that is off.
    func bitrate(layer: Int) -> Int? {
        state.withLock { state in
            state.bitrates.indices.contains(layer) && state.bitrates[layer] > 0 ? state.bitrates[layer] : nil
        }
    }

    /// Whether the picture is left out, because too much waits to be sent already.
    func skipsFrame() -> Bool {
        state.withLock { state in
            if state.isBacklogged { state.skippedCount &+= 1 }
            return state.isBacklogged
        }
    }

    var skippedCount: UInt64 { state.withLock { $0.skippedCount } }
}
