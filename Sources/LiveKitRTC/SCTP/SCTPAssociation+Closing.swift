package import LiveKitCore

/// Closing a channel: each side resets its stream, and when both have, the number is free again.
///
/// - SeeAlso: [RFC 8831 §6.7](https://www.rfc-editor.org/rfc/rfc8831#section-6.7).
extension SCTPAssociation {
    /// Closes a channel once what waits on it is sent. The event follows when the peer has agreed.
    package mutating func closeChannel(_ id: DataChannelID, now: MediaInstant) {
        advanceClock(to: now)
        guard channels[id]?.state == .open else { return }
        channels[id]?.state = .closing(.init())
        unresetChannels.append(id)
        requestDueResets()
    }

    /// Asks to reset the streams of closing channels that have nothing left to send.
    mutating func requestDueResets() {
        guard !unresetChannels.isEmpty, let peer = control?.peer, isConnected else { return }
        let due = unresetChannels.filter { sendQueue.isEmpty($0) }
        unresetChannels.removeAll { due.contains($0) }
        for id in due where channels[id] != nil {
            if peer.capabilities.contains(.reconfiguration) {
                control?.streamReset.reset(id)
            } else {
                // A peer that cannot reset streams cannot close channels either; on this side it is over.
                finishClosing(id)
            }
        }
    }

    mutating func receive(_ chunk: ReconfigurationChunk) {
        guard let timeout = control?.timeout else { return }
        becomeEstablished()
        guard isConnected else { return }
        for parameter in chunk.parameters {
            switch parameter {
            case .outgoingResetRequest(let request): receive(request)
            case .incomingResetRequest(let request):
                for id in control?.streamReset.receive(request) ?? [] { closeChannel(id, now: clock) }
            case .reconfigurationResponse(let response):
                outgoingReset(of: control?.streamReset.receive(response, now: clock, timeout: timeout) ?? [])
            case .unknown(let unknown):
                var reader = ByteReader(unknown.value.rawSpan)
                guard let sequence = try? reader.read(UInt32.self) else { continue }
                control?.streamReset.refuse(sequence: sequence)
            case .stateCookie, .unrecognized, .zeroChecksumAcceptable, .supportedExtensions, .forwardTSNSupported:
                continue
            }
        }
    }

    private mutating func receive(_ request: OutgoingResetRequestParameter) {
        guard let received = control?.received else { return }
        switch control?.streamReset.receive(request, received: received) {
        case .perform(let ids): performIncomingReset(of: ids)
        case .wait(let ids, let last):
            control?.reassembly.deferReset(ids, after: received.position(of: last))
        case .answer, nil: return
        }
    }

    /// Performs a reset that waited for chunks, now that they may have arrived.
    mutating func performReadyReset() {
        guard let received = control?.received, let ids = control?.streamReset.takeReady(received: received) else {
            return
        }
        performIncomingReset(of: ids)
    }

    private mutating func performIncomingReset(of ids: [StreamID]) {
        let held = control?.reassembly.reset(ids) ?? []
        for id in ids.isEmpty ? Array(channels.keys) : ids { incomingReset(of: id) }
        deliver(held)
        requestDueResets()
    }

    /// The peer sends no more on the channel; what waits for it here has lost its addressee.
    private mutating func incomingReset(of id: DataChannelID) {
        switch channels[id]?.state {
        case .open:
            sendQueue.discardUnsent(of: id)
            channels[id]?.state = .closing(.init(isIncomingReset: true))
            unresetChannels.append(id)
        case .closing(var closing):
            closing.isIncomingReset = true
            channels[id]?.state = .closing(closing)
            if closing.isDone { finishClosing(id) }
        case nil:
            return
        }
    }

    private mutating func outgoingReset(of ids: [StreamID]) {
        for id in ids {
            sendQueue.resetNumbers(of: id)
            guard case .closing(var closing) = channels[id]?.state else { continue }
            closing.isOutgoingReset = true
            channels[id]?.state = .closing(closing)
            if closing.isDone { finishClosing(id) }
        }
    }

    mutating func finishClosing(_ id: DataChannelID) {
        sendQueue.discardUnsent(of: id)
        channels.removeValue(forKey: id)
        events.append(.channelClosed(id))
    }

    /// The peer opens the number anew, so it has seen our reset, though its answer was lost.
    mutating func concludeClosing(of id: DataChannelID) {
        guard case .closing(let closing) = channels[id]?.state, closing.isIncomingReset,
            control?.streamReset.isRequested(id) == true
        else { return }
        outgoingReset(of: control?.streamReset.completeRequest() ?? [])
    }

    /// Refuses a channel that the peer opened, by resetting our stream of its number.
    mutating func refuseChannel(_ id: DataChannelID) {
        guard control?.peer.capabilities.contains(.reconfiguration) == true else { return }
        control?.streamReset.reset(id)
    }
}
