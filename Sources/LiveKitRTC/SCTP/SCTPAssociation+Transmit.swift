internal import LiveKitCore

/// Departing packets.
///
/// - SeeAlso: [RFC 9260 §6.10](https://www.rfc-editor.org/rfc/rfc9260#section-6.10).
extension SCTPAssociation {
    /// The next packet to send, made for the instant last told. Drain it after each call that changes something.
    package mutating func pollTransmit() -> [UInt8]? {
        if let packet = controlPackets.popFirst() { return packet }
        switch state {
        case .established, .shutdownPending, .shutdownReceived, .shutdownSent: break
        case .closed, .cookieWait, .cookieEchoed, .shutdownAckSent, .ended: return nil
        }
        guard let peer = control?.peer else { return nil }
        control?.retransmission.expire(now: clock)
        discardAbandonedMessages()
        requestDueResets()
        var chunks: [SCTPChunk] = []
        var room = configuration.usablePacketSize - SCTPPacket.headerSize
        collectControl(into: &chunks, room: &room)
        if burst < configuration.maximumBurst {
            let before = chunks.count
            collectLost(into: &chunks, room: &room)
            collectNew(into: &chunks, room: &room)
            if chunks.count > before { noteDataSent() }
        }
        requestDueResets()
        if chunks.isEmpty { return control?.streamReset.hasOutput == true ? pollTransmit() : nil }
        return encode(chunks, tag: peer.tag)
    }

    /// SACK, re-configuration and FORWARD TSN, as due.
    private mutating func collectControl(into chunks: inout [SCTPChunk], room: inout Int) {
        guard let schedule = control?.acknowledgements, let timeout = control?.timeout else { return }
        let goesWithData =
            schedule.isPending && burst < configuration.maximumBurst
            && control?.admitsData(nextSize: sendQueue.nextSize) == true
        if schedule.isDue || goesWithData, let sack = acknowledgement() {
            add(.selectiveAck(sack), to: &chunks, room: &room)
        }
        if control?.streamReset.hasOutput == true, let last = control?.retransmission.lastAssignedTSN,
            let parameters = control?.streamReset.poll(lastAssignedTSN: last, now: clock, timeout: timeout)
        {
            add(.reconfiguration(ReconfigurationChunk(parameters: parameters)), to: &chunks, room: &room)
        }
        if control?.retransmission.hasForward == true, room >= SCTPLimits.forwardSize,
            let forward = control?.retransmission.takeForward(), let isInterleaved = control?.isInterleaved
        {
            add(forward.chunk(isInterleaved: isInterleaved), to: &chunks, room: &room)
        }
    }

    private mutating func acknowledgement() -> SelectiveAckChunk? {
        let window = receiverWindow
        isWindowNearlyClosedAnnounced = window < configuration.receiveWindow / 2
        control?.acknowledgements.sent()
        return control?.received.acknowledgement(receiverWindow: UInt32(clamping: window))
    }

    private mutating func collectLost(into chunks: inout [SCTPChunk], room: inout Int) {
        guard let timeout = control?.timeout, let isInterleaved = control?.isInterleaved else { return }
        while let fragment = control?.retransmission.nextLost(room: room, now: clock, timeout: timeout) {
            add(fragment.chunk(isInterleaved: isInterleaved), to: &chunks, room: &room)
        }
        control?.retransmission.completedPacket()
    }

    private mutating func collectNew(into chunks: inout [SCTPChunk], room: inout Int) {
        if case .shutdownSent = state { return }
        guard let isInterleaved = control?.isInterleaved, let timeout = control?.timeout else { return }
        let header = DataFragment.headerSize(isInterleaved: isInterleaved)
        let largest = configuration.usablePacketSize - SCTPPacket.headerSize - header
        if !sendQueue.isEmpty { control?.retransmission.prepare(now: clock, timeout: timeout) }
        while let nextSize = sendQueue.nextSize {
            let fits = room - header
            // A message is not cut to fill a corner; the next packet takes it in larger pieces.
            guard fits >= min(nextSize, largest / 2),
                control?.retransmission.admitsNew(size: header + min(nextSize, fits)) == true
            else { return }
            guard let fragment = nextFragment(maximumSize: fits) else { continue }
            add(fragment.chunk(isInterleaved: isInterleaved), to: &chunks, room: &room)
        }
    }

    private mutating func noteDataSent() {
        burst += 1
        guard let timeout = control?.timeout else { return }
        control?.heartbeat.sentData(now: clock, timeout: timeout)
    }

    /// The next piece of a message; `nil` if a message expired instead.
    private mutating func nextFragment(maximumSize: Int) -> DataFragment? {
        guard let timeout = control?.timeout, let mayAbandon = control?.retransmission.mayAbandon else { return nil }
        switch sendQueue.next(maximumSize: maximumSize, now: clock, mayAbandon: mayAbandon) {
        case .fragment(let message, let payload):
            if message.payloadProtocol != .establishment {
                noteBufferedAmount(of: message.stream, before: bufferedAmount(of: message.stream) + payload.count)
            }
            return control?.retransmission.send(message, payload: Array(payload), now: clock, timeout: timeout)
        case .expired(let message):
            noteBufferedAmount(of: message.stream, before: bufferedAmount(of: message.stream) + message.remainingBytes)
            control?.retransmission.giveUpRest(of: message, now: clock, timeout: timeout)
            return nil
        case nil:
            return nil
        }
    }

    private func add(_ chunk: SCTPChunk, to chunks: inout [SCTPChunk], room: inout Int) {
        chunks.append(chunk)
        room -= chunk.encodedSize
    }

    // MARK: Control packets

    /// Queues a packet of its own, under the peer's tag unless another is given.
    mutating func sendControl(_ chunks: [SCTPChunk], tag: UInt32? = nil) {
        guard controlPackets.count < SCTPLimits.controlPackets, let tag = tag ?? control?.peer.tag else { return }
        controlPackets.append(encode(chunks, tag: tag))
    }

    /// INIT, INIT ACK and COOKIE ECHO come before the agreement on zero checksums (RFC 9653 §5.2).
    private func encode(_ chunks: [SCTPChunk], tag: UInt32) -> [UInt8] {
        let packet = SCTPPacket(
            sourcePort: configuration.localPort, destinationPort: configuration.remotePort, verificationTag: tag,
            chunks: chunks)
        let isAgreed = configuration.acceptsZeroChecksum && control?.peer.capabilities.contains(.zeroChecksum) == true
        return packet.encoded(zeroChecksum: isAgreed && !chunks.contains { $0.precedesAgreement })
    }
}

extension SCTPChunk {
    fileprivate var precedesAgreement: Bool {
        switch self {
        case .initiation, .initiationAck, .cookieEcho: true
        case .data, .selectiveAck, .heartbeat, .heartbeatAck, .abort, .shutdown, .shutdownAck, .error, .cookieAck,
            .shutdownComplete, .reconfiguration, .forwardTSN, .interleavedData, .interleavedForwardTSN, .unknown:
            false
        }
    }
}
