internal import LiveKitCore

/// Data both ways: what arrives is put together, what is acknowledged is let go.
///
/// - SeeAlso: [RFC 9260 §6](https://www.rfc-editor.org/rfc/rfc9260#section-6),
///   [RFC 3758 §3.6](https://www.rfc-editor.org/rfc/rfc3758#section-3.6).
extension SCTPAssociation {
    /// - Returns: whether the chunks that follow in the packet are processed.
    mutating func receive(_ chunk: DataChunk) -> Bool {
        guard control != nil else { return false }
        becomeEstablished()
        guard !chunk.payload.isEmpty else {
            end(.protocolViolation, cause: SCTPErrorCause(.noUserData))
            return false
        }
        guard let position = control?.received.position(of: chunk.tsn), admitsIntoWindow(at: position) else {
            control?.acknowledgements.acknowledgeNow()
            return !isEnded
        }
        switch control?.received.observe(chunk.tsn) {
        case .new:
            if chunk.isImmediate { control?.acknowledgements.acknowledgeNow() }
            deliver(control?.reassembly.add(chunk, at: position) ?? [])
            performReadyReset()
        case .duplicate:
            control?.acknowledgements.acknowledgeNow()
        case .refused, nil:
            break
        }
        return !isEnded
    }

    /// Whether the window has room for the chunk at `position`. Close to the end of the room, only the chunk
    /// that everything waits for is taken; when even those do not help, a message is too large to end.
    private mutating func admitsIntoWindow(at position: Int64) -> Bool {
        guard let control, position > control.received.cumulative else { return true }
        let window = configuration.receiveWindow
        if control.reassembly.bufferedBytes >= window {
            end(.outOfResources, cause: SCTPErrorCause(.outOfResource))
            return false
        }
        let used = window - receiverWindow
        if position == control.received.cumulative + 1 { return used < window }
        return used < window / 10 * 9
    }

    mutating func receive(_ forward: ForwardTSNChunk) {
        guard control != nil else { return }
        becomeEstablished()
        control?.acknowledgements.acknowledgeNow()
        guard control?.received.forward(to: forward.newCumulativeTSN) == true,
            let position = control?.received.position(of: forward.newCumulativeTSN)
        else { return }
        deliver(control?.reassembly.forward(to: position, skipped: forward.skippedStreams) ?? [])
        performReadyReset()
    }

    mutating func receive(_ sack: SelectiveAckChunk) {
        guard var timeout = control?.timeout else { return }
        becomeEstablished()
        control?.retransmission.receive(sack, now: clock, timeout: &timeout)
        control?.timeout = timeout
    }

    /// Lets go of the rest of messages that were given up halfway.
    mutating func discardAbandonedMessages() {
        guard let abandoned = control?.retransmission.takeAbandonedMessages(), !abandoned.isEmpty,
            let timeout = control?.timeout
        else { return }
        for id in abandoned {
            guard let message = sendQueue.discardRest(ofMessage: id) else { continue }
            control?.retransmission.giveUpRest(of: message, now: clock, timeout: timeout)
            noteBufferedAmount(of: message.stream, before: message.remainingBytes + bufferedAmount(of: message.stream))
        }
    }
}
