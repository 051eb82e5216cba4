internal import LiveKitCore

/// Data both ways: what arrives is put together, what is acknowledged is let go.
///
/// - SeeAlso: [RFC 9260 §6](https://www.rfc-editor.org/rfc/rfc9260#section-6),
///   [RFC 3758 §3.6](https://www.rfc-editor.org/rfc/rfc3758#section-3.6),
///   [RFC 8260 §2](https://www.rfc-editor.org/rfc/rfc8260#section-2).
extension SCTPAssociation {
    /// - Returns: whether the chunks that follow in the packet are processed.
    mutating func receive(_ chunk: DataChunk) -> Bool {
        switch control?.isInterleaved {
        case false: return receive(DataFragment(chunk))
        case true:
            // Who agreed on interleaving sends I-DATA only (RFC 8260 §2.2.1).
            end(.protocolViolation, cause: SCTPErrorCause(.protocolViolation))
            return false
        case nil: return false
        }
    }

    /// - Returns: whether the chunks that follow in the packet are processed.
    mutating func receive(_ chunk: InterleavedDataChunk) -> Bool {
        guard control?.isInterleaved == true else {
            return receive(UnknownChunk(type: InterleavedDataChunk.type, flags: chunk.flags, value: []))
        }
        return receive(DataFragment(chunk))
    }

    private mutating func receive(_ fragment: DataFragment) -> Bool {
        becomeEstablished()
        guard !fragment.payload.isEmpty else {
            end(.protocolViolation, cause: SCTPErrorCause(.noUserData))
            return false
        }
        guard let position = control?.received.position(of: fragment.tsn), admitsIntoWindow(at: position) else {
            control?.acknowledgements.acknowledgeNow()
            return !isEnded
        }
        switch control?.received.observe(fragment.tsn) {
        case .new:
            if fragment.isImmediate { control?.acknowledgements.acknowledgeNow() }
            deliver(control?.reassembly.add(fragment, at: position) ?? [])
            if control?.reassembly.hasOversizedMessage == true {
                end(.outOfResources, cause: SCTPErrorCause(.outOfResource))
            }
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

    /// Takes FORWARD TSN or, where messages are interleaved, I-FORWARD-TSN; the other is passed over.
    mutating func receive(_ forward: ForwardPoint, isInterleaved: Bool) {
        guard control?.isInterleaved == isInterleaved else { return }
        becomeEstablished()
        control?.acknowledgements.acknowledgeNow()
        guard control?.received.forward(to: forward.newCumulativeTSN) == true,
            let position = control?.received.position(of: forward.newCumulativeTSN)
        else { return }
        deliver(control?.reassembly.forward(to: position, skipped: forward.skipped) ?? [])
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
        for given in abandoned {
            guard let message = sendQueue.discardRest(ofMessage: given.id, on: given.stream) else { continue }
            control?.retransmission.giveUpRest(of: message, now: clock, timeout: timeout)
            noteBufferedAmount(of: message.stream, before: message.remainingBytes + bufferedAmount(of: message.stream))
        }
    }
}
