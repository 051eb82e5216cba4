package import LiveKitCore

/// Data channels: opening, sending, receiving.
///
/// - SeeAlso: [RFC 8831 §6](https://www.rfc-editor.org/rfc/rfc8831#section-6),
///   [RFC 8832 §6](https://www.rfc-editor.org/rfc/rfc8832#section-6).
extension SCTPAssociation {
    // MARK: Opening

    /// Opens a channel. Messages may be sent on it at once, even before the association is connected.
    ///
    /// A message is given up after `maxRetransmits` retransmissions, or after `maxPacketLifeTime`; not both.
    /// With `negotiatedID`, the number on which both sides agreed elsewhere, the peer is not told.
    package mutating func openChannel(
        label: String, protocol protocolName: String = "", ordered: Bool = true, maxRetransmits: UInt32? = nil,
        maxPacketLifeTime: MediaDuration? = nil, negotiatedID: DataChannelID? = nil, now: MediaInstant
    ) throws(SCTPSendError) -> DataChannelID {
        advanceClock(to: now)
        guard label.utf8.count <= SCTPLimits.labelSize, protocolName.utf8.count <= SCTPLimits.labelSize else {
            throw .labelTooLong
        }
        guard acceptsMessages else { throw .closed }
        var reliability = DataChannelReliability.reliable
        if let maxRetransmits {
            reliability = .maxRetransmits(maxRetransmits)
        } else if let maxPacketLifeTime {
            reliability = .maxLifetime(milliseconds: UInt32(clamping: maxPacketLifeTime.milliseconds))
        }
        guard let id = negotiatedID ?? freeChannelID, isFree(id) else { throw .noFreeChannel }
        let channel = DataChannel(
            id: id, label: label, protocolName: protocolName, isOrdered: ordered, reliability: reliability,
            isNegotiated: negotiatedID != nil, isRemote: false)
        channels[id] = DataChannelRecord(channel: channel, isAcknowledged: channel.isNegotiated)
        if !channel.isNegotiated {
            let open = DataChannelOpen(
                isOrdered: ordered, reliability: reliability, label: label, protocolName: protocolName)
            enqueueEstablishment(.open(open), on: id)
        }
        if isConnected { events.append(.channelOpened(channel)) }
        return id
    }

    /// Channels opened before the handshake are ready now, but for those that the peer has no stream for.
    mutating func announceWaitingChannels() {
        let streams = control?.peer.inboundStreams ?? SCTPLimits.streams
        for record in channels.values.sorted(by: { $0.channel.id.rawValue < $1.channel.id.rawValue }) {
            guard record.channel.id.rawValue < streams else {
                finishClosing(record.channel.id)
                continue
            }
            events.append(.channelOpened(record.channel))
        }
    }

    private var freeChannelID: DataChannelID? {
        stride(from: UInt16(isDTLSClient ? 0 : 1), to: UInt16(2 * SCTPLimits.channels), by: 2)
            .lazy.map { DataChannelID(rawValue: $0) }.first { isFree($0) }
    }

    private func isFree(_ id: DataChannelID) -> Bool {
        channels[id] == nil && channels.count < SCTPLimits.channels
            && id.rawValue < (control?.peer.inboundStreams ?? SCTPLimits.streams) && id.rawValue < SCTPLimits.streams
    }

    private var acceptsMessages: Bool {
        switch state {
        case .closed, .cookieWait, .cookieEchoed, .established: true
        case .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended: false
        }
    }

    // MARK: Sending

    /// Queues a message.
    package mutating func send(
        on id: DataChannelID, message payload: [UInt8], isBinary: Bool, now: MediaInstant
    ) throws(SCTPSendError) {
        advanceClock(to: now)
        guard acceptsMessages, let record = channels[id], record.state == .open else { throw .closed }
        guard payload.count <= configuration.maximumMessageSize else {
            throw .tooLarge(limit: configuration.maximumMessageSize)
        }
        guard bufferedBytes + payload.count <= configuration.sendBufferSize,
            bufferedAmount(of: id) + payload.count <= configuration.channelBufferSize
        else { throw .bufferFull }
        var message = OutgoingMessage(
            id: nextMessage, stream: id, payloadProtocol: isBinary ? .binary : .string,
            isUnordered: record.sendsUnordered, payload: payload)
        if payload.isEmpty {
            message.payload = [0]
            message.payloadProtocol = isBinary ? .emptyBinary : .emptyString
        }
        switch record.channel.reliability {
        case .reliable: break
        case .maxRetransmits(let count): message.maximumRetransmits = count
        case .maxLifetime(let milliseconds): message.expiresAt = clock + .milliseconds(Int64(milliseconds))
        }
        nextMessage += 1
        sendQueue.append(message)
    }

    /// Bytes of messages that wait on the channel, not counting what is in flight.
    package func bufferedAmount(of id: DataChannelID) -> Int {
        sendQueue.bufferedBytes(of: id)
    }

    /// Asks for ``SCTPEvent/bufferedAmountLow(_:)`` when what waits falls to `threshold` bytes.
    package mutating func setBufferedAmountLowThreshold(_ threshold: Int, of id: DataChannelID) {
        channels[id]?.bufferedAmountLowThreshold = threshold
    }

    mutating func noteBufferedAmount(of id: DataChannelID, before: Int) {
        guard let threshold = channels[id]?.bufferedAmountLowThreshold, before > threshold,
            bufferedAmount(of: id) <= threshold
        else { return }
        events.append(.bufferedAmountLow(id))
    }

    /// Establishment messages are ordered and reliable whatever the channel is (RFC 8832 §6).
    private mutating func enqueueEstablishment(_ message: DataChannelMessage, on id: DataChannelID) {
        sendQueue.append(
            OutgoingMessage(
                id: nextMessage, stream: id, payloadProtocol: .establishment, isUnordered: false,
                payload: message.encoded()))
        nextMessage += 1
    }

    // MARK: Receiving

    mutating func deliver(_ messages: [ReassembledMessage]) {
        for message in messages { deliver(message) }
    }

    private mutating func deliver(_ message: ReassembledMessage) {
        switch message.payloadProtocol {
        case .establishment: receiveEstablishment(message)
        case .string, .partialString: deliver(message.payload, isBinary: false, on: message.stream)
        case .binary, .partialBinary: deliver(message.payload, isBinary: true, on: message.stream)
        case .emptyString: deliver([], isBinary: false, on: message.stream)
        case .emptyBinary: deliver([], isBinary: true, on: message.stream)
        default: return  // No channel carries it.
        }
    }

    private mutating func deliver(_ payload: [UInt8], isBinary: Bool, on id: DataChannelID) {
        guard let record = channels[id] else { return }
        if case .closing(let closing) = record.state, closing.isIncomingReset { return }
        // A peer that sends on the channel knows of it, even if its ACK is still to come.
        channels[id]?.isAcknowledged = true
        undeliveredBytes += payload.count
        events.append(.message(id, payload, isBinary: isBinary))
    }

    private mutating func receiveEstablishment(_ message: ReassembledMessage) {
        guard let establishment = try? DataChannelMessage(parsing: message.payload) else {
            // A channel that cannot be understood is not opened (RFC 8832 §6).
            if channels[message.stream] == nil { refuseChannel(message.stream) }
            return
        }
        switch establishment {
        case .ack: channels[message.stream]?.isAcknowledged = true
        case .open(let open): receive(open, on: message.stream)
        }
    }

    private mutating func receive(_ open: DataChannelOpen, on id: DataChannelID) {
        concludeClosing(of: id)
        guard channels[id] == nil else { return }
        guard isFree(id), open.label.utf8.count <= SCTPLimits.labelSize,
            open.protocolName.utf8.count <= SCTPLimits.labelSize
        else { return refuseChannel(id) }
        let channel = DataChannel(
            id: id, label: open.label, protocolName: open.protocolName, isOrdered: open.isOrdered,
            reliability: open.reliability, isNegotiated: false, isRemote: true)
        channels[id] = DataChannelRecord(channel: channel, isAcknowledged: true)
        enqueueEstablishment(.ack, on: id)
        events.append(.channelOpened(channel))
    }
}
