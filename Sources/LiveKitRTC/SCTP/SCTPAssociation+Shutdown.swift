package import LiveKitCore

/// The end: orderly by SHUTDOWN, or at once by ABORT.
///
/// - SeeAlso: [RFC 9260 §9](https://www.rfc-editor.org/rfc/rfc9260#section-9).
extension SCTPAssociation {
    /// Ends the association once everything that waits is delivered. Nothing more can be sent.
    package mutating func shutdown(now: MediaInstant) {
        advanceClock(to: now)
        switch state {
        case .closed, .cookieWait, .cookieEchoed:
            finish(with: .closed)
        case .established:
            state = .shutdownPending
            advanceShutdown()
        case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended:
            return
        }
    }

    /// Ends the association at once, and tells the peer.
    package mutating func abort(now: MediaInstant) {
        advanceClock(to: now)
        end(.local, cause: SCTPErrorCause(.userInitiatedAbort))
    }

    mutating func end(_ reason: SCTPAbortReason, cause: SCTPErrorCause?) {
        guard !isEnded else { return }
        if control != nil { sendControl([.abort(AbortChunk(causes: cause.map { [$0] } ?? []))]) }
        finish(with: .aborted(reason))
    }

    mutating func finish(with event: SCTPEvent) {
        guard !isEnded else { return }
        state = .ended
        control = nil
        sendQueue = SendQueue()
        channels.removeAll()
        unresetChannels.removeAll()
        events.append(event)
    }

    /// Takes the next step once nothing of ours is outstanding.
    mutating func advanceShutdown() {
        guard sendQueue.isEmpty, let control, control.retransmission.isEmpty else { return }
        var timer = BackoffTimer()
        timer.start(now: clock, timeout: control.timeout)
        switch state {
        case .shutdownPending:
            state = .shutdownSent(timer)
            sendControl([.shutdown(ShutdownChunk(cumulativeTSN: control.received.cumulativeTSN))])
        case .shutdownReceived:
            state = .shutdownAckSent(timer)
            sendControl([.shutdownAck(ShutdownAckChunk())])
        case .closed, .cookieWait, .cookieEchoed, .established, .shutdownSent, .shutdownAckSent, .ended:
            return
        }
    }

    /// T2-shutdown.
    mutating func handleShutdownTimeout(now: MediaInstant) {
        guard let timeout = control?.timeout, let cumulative = control?.received.cumulativeTSN else { return }
        switch state {
        case .shutdownSent(var timer):
            guard timer.expire(now: now, timeout: timeout) else { return }
            state = .shutdownSent(timer)
            // Without an answer to SHUTDOWN there is nobody left to be orderly with.
            if timer.expirations > Self.shutdownTries || isHopeless(timer) {
                sendControl([.abort(AbortChunk())])
                return finish(with: .closed)
            }
            sendControl([.shutdown(ShutdownChunk(cumulativeTSN: cumulative))])
        case .shutdownAckSent(var timer):
            guard timer.expire(now: now, timeout: timeout) else { return }
            state = .shutdownAckSent(timer)
            // The peer may be gone already, its SHUTDOWN COMPLETE lost.
            if timer.expirations > Self.shutdownAckTries || isHopeless(timer) { return finish(with: .closed) }
            sendControl([.shutdownAck(ShutdownAckChunk())])
        case .closed, .cookieWait, .cookieEchoed, .established, .shutdownPending, .shutdownReceived, .ended:
            return
        }
    }

    /// RFC 9260 §16, Association.Max.Retrans.
    private static var shutdownTries: Int { 10 }
    private static var shutdownAckTries: Int { 5 }

    /// While we wait for SHUTDOWN ACK, data is answered with how far it came (RFC 9260 §9.2).
    mutating func repeatShutdown() {
        guard case .shutdownSent(var timer) = state, let control else { return }
        self.control?.acknowledgements.acknowledgeNow()
        timer.start(now: clock, timeout: control.timeout)
        state = .shutdownSent(timer)
        sendControl([.shutdown(ShutdownChunk(cumulativeTSN: control.received.cumulativeTSN))])
    }

    mutating func receive(_ shutdown: ShutdownChunk) {
        guard control != nil else { return }
        if let window = control?.retransmission.advertisedWindow {
            let window = UInt32(clamping: window)
            receive(SelectiveAckChunk(cumulativeTSN: shutdown.cumulativeTSN, receiverWindow: window))
        }
        switch state {
        case .established, .shutdownPending:
            state = .shutdownReceived
            advanceShutdown()
        case .shutdownSent:
            // Both wanted to end (RFC 9260 §9.2).
            var timer = BackoffTimer()
            if let timeout = control?.timeout { timer.start(now: clock, timeout: timeout) }
            state = .shutdownAckSent(timer)
            sendControl([.shutdownAck(ShutdownAckChunk())])
        case .shutdownReceived:
            advanceShutdown()
        case .shutdownAckSent:
            sendControl([.shutdownAck(ShutdownAckChunk())])
        case .closed, .cookieWait, .cookieEchoed, .ended:
            return
        }
    }

    mutating func receiveShutdownAck(tag: UInt32) {
        switch state {
        case .shutdownSent, .shutdownAckSent:
            sendControl([.shutdownComplete(ShutdownCompleteChunk())])
            finish(with: .closed)
        case .cookieWait, .cookieEchoed:
            // Of an earlier association: help the peer to forget it (RFC 9260 §8.5.1 E).
            sendControl([.shutdownComplete(ShutdownCompleteChunk(isTagReflected: true))], tag: tag)
        case .closed, .established, .shutdownPending, .shutdownReceived, .ended:
            return
        }
    }

    mutating func receiveShutdownComplete() {
        guard case .shutdownAckSent = state else { return }
        finish(with: .closed)
    }
}
