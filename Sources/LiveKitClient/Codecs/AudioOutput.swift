internal import LiveKitMedia
internal import Synchronization

/// Where a subscribed audio track's packets go: to encoded receivers at once, and through a decoder, which runs as
/// long as somebody renders, to renderers.
final class AudioOutput: Sendable {
    private struct State {
        var renderers: [any AudioRenderer] = []
        var receivers: [any EncodedAudioReceiver] = []
        var queue: AsyncStream<EncodedAudioPacket>.Continuation?
        var isEnded = false
        var packetsDecoded: UInt64 = 0
        var packetsDropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let channels: Int

    init(channels: Int) {
        self.channels = channels
    }

    func add(_ renderer: any AudioRenderer) {
        let startsDecoder = state.withLock { state in
            guard !state.isEnded, state.renderers.count < ClientMediaLimits.renderers else { return false }
            state.renderers.append(renderer)
            return state.queue == nil
        }
        if startsDecoder { startDecoder() }
    }

    func remove(_ renderer: any AudioRenderer) {
        state.withLock { state in
            state.renderers.removeAll { $0 === renderer }
            guard state.renderers.isEmpty else { return }
            state.queue?.finish()
            state.queue = nil
        }
    }

    func add(_ receiver: any EncodedAudioReceiver) {
        state.withLock { state in
            guard !state.isEnded, state.receivers.count < ClientMediaLimits.renderers else { return }
            state.receivers.append(receiver)
        }
    }

    func remove(_ receiver: any EncodedAudioReceiver) {
        state.withLock { $0.receivers.removeAll { $0 === receiver } }
    }

    /// No more sound will come.
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
            statistics.framesDecoded = state.packetsDecoded
            statistics.framesDropped = state.packetsDropped
        }
    }

    /// Takes a packet on the media loop.
    func receive(_ packet: EncodedAudioPacket) {
        let receivers = state.withLock { state in
            if case .dropped = state.queue?.yield(packet) { state.packetsDropped &+= 1 }
            return state.receivers
        }
        for receiver in receivers { receiver.receive(encodedPacket: packet) }
    }

    private func startDecoder() {
        let (packets, queue) = AsyncStream.makeStream(
            of: EncodedAudioPacket.self, bufferingPolicy: .bufferingNewest(ClientMediaLimits.packetsToDecode))
        state.withLock { $0.queue = queue }
        Task { await self.decode(packets) }
    }

    private func decode(_ packets: AsyncStream<EncodedAudioPacket>) async {
        guard var decoder = try? OpusDecoder(channels: channels) else { return }
        for await packet in packets {
            guard let buffer = try? decoder.decode(packet.bytes) else {
                state.withLock { $0.packetsDropped &+= 1 }
                continue
            }
            let renderers = state.withLock { state in
                if packet.bytes != nil { state.packetsDecoded &+= 1 }
                return state.renderers
            }
            for renderer in renderers { renderer.render(pcmBuffer: buffer) }
        }
    }
}
