internal import LiveKitMedia
internal import Synchronization

/// Where a subscribed video track's pictures go: to encoded receivers at once, and through a decoder, which runs as
/// long as somebody renders, to renderers.
final class VideoOutput: Sendable {
    private struct State {
        var renderers: [any VideoRenderer] = []
        var receivers: [any EncodedVideoReceiver] = []
        var queue: AsyncStream<EncodedVideoFrame>.Continuation?
        /// Pictures are of no use to the decoder before the next key frame.
        var awaitsKeyframe = true
        var isEnded = false
        var framesDecoded: UInt64 = 0
        var framesDropped: UInt64 = 0
    }

    private let state = Mutex(State())
    /// Asks the sender for a key frame.
    private let requestKeyframe: @Sendable () -> Void

    init(requestKeyframe: @escaping @Sendable () -> Void) {
        self.requestKeyframe = requestKeyframe
    }

    // MARK: Listeners

    func add(_ renderer: any VideoRenderer) {
        let startsDecoder = state.withLock { state in
            guard !state.isEnded, state.renderers.count < ClientMediaLimits.renderers else { return false }
            state.renderers.append(renderer)
            return state.queue == nil
        }
        if startsDecoder { startDecoder() }
    }

    func remove(_ renderer: any VideoRenderer) {
        state.withLock { state in
            state.renderers.removeAll { $0 === renderer }
            guard state.renderers.isEmpty else { return }
            state.queue?.finish()
            state.queue = nil
        }
    }

    func add(_ receiver: any EncodedVideoReceiver) {
        state.withLock { state in
            guard !state.isEnded, state.receivers.count < ClientMediaLimits.renderers else { return }
            state.receivers.append(receiver)
        }
    }

    func remove(_ receiver: any EncodedVideoReceiver) {
        state.withLock { $0.receivers.removeAll { $0 === receiver } }
    }

    /// No more pictures will come.
    func end() {
        state.withLock { state in
            state.isEnded = true
            state.queue?.finish()
            state.queue = nil
            state.renderers = []
            state.receivers = []
        }
    }

    func count(into statistics: inout InboundStreamStatistics) {
        state.withLock { state in
            statistics.framesDecoded = state.framesDecoded
            statistics.framesDropped = state.framesDropped
        }
    }

    // MARK: Pictures

    /// Takes a picture on the media loop.
    func receive(_ frame: EncodedVideoFrame) {
        let (receivers, needsKeyframe) = state.withLock { state in
            (state.receivers, Self.enqueue(frame, &state))
        }
        for receiver in receivers { receiver.receive(encodedFrame: frame) }
        if needsKeyframe { requestKeyframe() }
    }

    /// Gives the picture to the decoder; returns whether that one now needs a key frame.
    private static func enqueue(_ frame: EncodedVideoFrame, _ state: inout State) -> Bool {
        guard let queue = state.queue else { return false }
        if state.awaitsKeyframe, !frame.isKeyframe {
            state.framesDropped &+= 1
            return true
        }
        guard case .dropped = queue.yield(frame) else {
            state.awaitsKeyframe = false
            return false
        }
        state.framesDropped &+= 1
        state.awaitsKeyframe = true
        return true
    }

    private func startDecoder() {
        let (frames, queue) = AsyncStream.makeStream(
            of: EncodedVideoFrame.self, bufferingPolicy: .bufferingOldest(ClientMediaLimits.framesToDecode))
        state.withLock { state in
            state.queue = queue
            state.awaitsKeyframe = true
        }
        Task { await self.decode(frames) }
    }

    private func decode(_ frames: AsyncStream<EncodedVideoFrame>) async {
        guard var decoder = try? VP8Decoder() else { return }
        for await frame in frames {
            guard let picture = try? decoder.decode(frame.bytes, timestampNanoseconds: frame.timestampNanoseconds)
            else {
                state.withLock { state in
                    state.framesDropped &+= 1
                    state.awaitsKeyframe = true
                }
                requestKeyframe()
                continue
            }
            let renderers = state.withLock { state in
                state.framesDecoded &+= 1
                return state.renderers
            }
            for renderer in renderers { renderer.render(frame: picture) }
        }
    }
}
