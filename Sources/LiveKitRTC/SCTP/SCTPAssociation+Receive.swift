package import LiveKitCore

/// Arriving packets: who may say what, and to which procedure it goes.
///
/// - SeeAlso: [RFC 9260 §8.5](https://www.rfc-editor.org/rfc/rfc9260#section-8.5).
extension SCTPAssociation {
    /// Takes in one packet. What is malformed, foreign or late is dropped without an effect.
    package mutating func receive(_ bytes: RawSpan, now: MediaInstant) {
        advanceClock(to: now)
        burst = 0
        guard let packet = try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: configuration.acceptsZeroChecksum),
            packet.destinationPort == configuration.localPort, packet.sourcePort == configuration.remotePort
        else { return }
        if packet.chunks.contains(where: \.isInitiation), packet.chunks.count > 1 { return }
        var hasData = false
        for chunk in packet.chunks {
            guard admits(chunk, tag: packet.verificationTag) else { return finishPacket(hasData: hasData) }
            if chunk.isData { hasData = true }
            guard process(chunk, tag: packet.verificationTag) else { break }
        }
        finishPacket(hasData: hasData)
    }

    /// Whether the packet's tag gives it the right to carry this chunk.
    private func admits(_ chunk: SCTPChunk, tag: UInt32) -> Bool {
        switch chunk {
        case .initiation:
            return tag == 0
        case .cookieEcho:
            return true  // Held against the cookie itself.
        case .abort(let abort):
            return admits(tag: tag, isReflected: abort.isTagReflected)
        case .shutdownComplete(let complete):
            return admits(tag: tag, isReflected: complete.isTagReflected)
        case .shutdownAck:
            // Before the handshake is done it is answered, whatever its tag (RFC 9260 §8.5.1 E).
            return tag == localTag || isShakingHands
        case .data, .initiationAck, .selectiveAck, .heartbeat, .heartbeatAck, .shutdown, .error, .cookieAck,
            .reconfiguration, .forwardTSN, .interleavedData, .interleavedForwardTSN, .unknown:
            return tag == localTag
        }
    }

    private func admits(tag: UInt32, isReflected: Bool) -> Bool {
        guard isReflected else { return tag == localTag }
        return control.map { $0.peer.tag == tag } ?? false
    }

    private var isShakingHands: Bool {
        switch state {
        case .cookieWait, .cookieEchoed: true
        case .closed, .established, .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended: false
        }
    }

    private var localTag: UInt32? {
        if case .cookieWait(let wait) = state { return wait.tag }
        return control?.localTag
    }

    /// - Returns: whether the chunks that follow in the packet are processed.
    private mutating func process(_ chunk: SCTPChunk, tag: UInt32) -> Bool {
        switch chunk {
        case .initiation(let initiation): receive(initiation)
        case .initiationAck(let ack): receive(ack, now: clock)
        case .cookieEcho(let echo): return receive(echo, tag: tag, now: clock)
        case .cookieAck: if control != nil { becomeEstablished() }
        case .data(let data): return receive(data)
        case .selectiveAck(let sack): receive(sack)
        case .forwardTSN(let forward): receive(ForwardPoint(forward), isInterleaved: false)
        case .interleavedData(let data): return receive(data)
        case .interleavedForwardTSN(let forward): receive(ForwardPoint(forward), isInterleaved: true)
        case .reconfiguration(let reconfiguration): receive(reconfiguration)
        case .heartbeat(let heartbeat): receive(heartbeat)
        case .heartbeatAck(let ack): receive(ack)
        case .shutdown(let shutdown): receive(shutdown)
        case .shutdownAck: receiveShutdownAck(tag: tag)
        case .shutdownComplete: receiveShutdownComplete()
        case .abort(let abort): receive(abort)
        case .error(let error): receive(error)
        case .unknown(let unknown): return receive(unknown)
        }
        return true
    }

    private mutating func finishPacket(hasData: Bool) {
        guard control != nil else { return }
        if hasData {
            if control?.received.hasGaps == true { control?.acknowledgements.acknowledgeNow() }
            control?.acknowledgements.receivedData(now: clock)
            repeatShutdown()
        }
        discardAbandonedMessages()
        requestDueResets()
        advanceShutdown()
    }

    // MARK: Small chunks

    private mutating func receive(_ heartbeat: HeartbeatChunk) {
        guard control != nil, heartbeat.info.count <= SCTPLimits.heartbeatInfo else { return }
        sendControl([.heartbeatAck(HeartbeatAckChunk(info: heartbeat.info))])
    }

    private mutating func receive(_ ack: HeartbeatAckChunk) {
        guard let roundTrip = control?.heartbeat.receive(ack, now: clock) else { return }
        control?.timeout.observe(roundTrip: roundTrip)
    }

    private mutating func receive(_ abort: AbortChunk) {
        finish(with: .aborted(.remote(abort.causes.first?.code)))
    }

    mutating func receive(_ unknown: UnknownChunk) -> Bool {
        if unknown.action.reports, control != nil, unknown.value.count <= SCTPLimits.heartbeatInfo {
            var writer = ByteWriter()
            SCTPChunk.unknown(unknown).write(to: &writer)
            sendControl([.error(ErrorChunk(causes: [SCTPErrorCause(.unrecognizedChunk, information: writer.bytes)]))])
        }
        return unknown.action.continues
    }
}

extension SCTPChunk {
    fileprivate var isData: Bool {
        switch self {
        case .data, .interleavedData: true
        default: false
        }
    }

    /// INIT and INIT ACK travel alone (RFC 9260 §6.10), as does SHUTDOWN COMPLETE, where it does no harm.
    fileprivate var isInitiation: Bool {
        switch self {
        case .initiation, .initiationAck: true
        case .data, .selectiveAck, .heartbeat, .heartbeatAck, .abort, .shutdown, .shutdownAck, .error, .cookieEcho,
            .cookieAck, .shutdownComplete, .reconfiguration, .forwardTSN, .interleavedData, .interleavedForwardTSN,
            .unknown:
            false
        }
    }
}
