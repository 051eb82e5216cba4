internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// A handle to a ``PeerTransport`` for code off the media loop.
struct MediaTransport: Sendable {
    let loop: MediaLoop
    let transport: LoopBound<PeerTransport>

    /// Runs `body` on the loop, without waiting. Nothing happens once the transport is closed.
    func execute(_ body: @escaping @Sendable (PeerTransport) -> Void) {
        loop.execute { [transport] core in
            guard let peer = transport.value(on: core) else { return }
            body(peer)
        }
    }

    /// Runs `body` on the loop and gives its result back.
    func perform<Result: Sendable>(
        _ body: @escaping @Sendable (PeerTransport) throws -> Result
    ) async throws(LiveKitError) -> Result {
        let outcome: Swift.Result<Result, LiveKitError>? = await loop.perform { [transport] core in
            guard let peer = transport.value(on: core) else {
                return .failure(LiveKitError(.invalidState, message: "The media connection is closed."))
            }
            do { return .success(try body(peer)) } catch { return .failure(.wrapping(error, as: .webRTC)) }
        }
        guard let outcome else { throw LiveKitError(.invalidState, message: "The media loop has stopped.") }
        return try outcome.get()
    }

    /// What was counted of a track's streams, and of what they are sent by.
    func statistics(
        of streams: @escaping @Sendable (PeerTransport) -> [OutboundStreamStatistics]
    ) async -> TrackStatistics {
        let value = try? await perform { peer in
            var value = TrackStatistics()
            value.outboundStreams = streams(peer)
            value.availableOutgoingBitrate = peer.availableBitrate
            return value
        }
        return value ?? TrackStatistics()
    }

    /// Closes the connection; its socket goes with it.
    func close() {
        loop.execute { [transport] core in
            transport.value(on: core)?.close()
            transport.set(nil, on: core)
        }
    }
}
