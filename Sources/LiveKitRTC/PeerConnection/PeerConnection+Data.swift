package import LiveKitCore

// Data channels.
extension PeerConnection {
    /// Opens a channel as soon as the association stands; at most ``channelLimit`` wait.
    package func openChannel(
        label: String, isOrdered: Bool, maxRetransmits: UInt32? = nil, now: MediaInstant
    ) {
        negotiator.addDataChannels()
        guard pendingChannels.count < Self.channelLimit else { return }
        pendingChannels.append(
            PendingChannel(label: label, isOrdered: isOrdered, maxRetransmits: maxRetransmits))
        openPendingChannels(now: now)
    }

    private static let channelLimit = 64

    /// The open channel of that name.
    package func channel(labelled label: String) -> DataChannelID? {
        var oldest: DataChannelID?
        for (id, name) in channels where name == label && id.rawValue <= oldest?.rawValue ?? .max { oldest = id }
        return oldest
    }

    /// Queues a message.
    package func send(
        _ message: [UInt8], on channel: DataChannelID, isBinary: Bool = true, now: MediaInstant
    ) throws(SCTPSendError) {
        guard sctp != nil else { throw .closed }
        try sctp?.send(on: channel, message: message, isBinary: isBinary, now: now)
        drainSCTP(now: now)
        drainDTLS(now: now)
    }

    /// Bytes that wait on the channel.
    package func bufferedAmount(of channel: DataChannelID) -> Int { sctp?.bufferedAmount(of: channel) ?? 0 }

    /// Asks for ``PeerConnectionEvent/bufferedAmountLow(_:label:)`` when what waits falls to `threshold` bytes.
    package func setBufferedAmountLowThreshold(_ threshold: Int, of channel: DataChannelID) {
        sctp?.setBufferedAmountLowThreshold(threshold, of: channel)
    }

    /// UDP payload that passes every path, of which a DTLS 1.2 record with an AEAD takes 37 bytes: header, explicit
    /// nonce and tag.
    private static let packetSize = 1200 - 13 - 8 - 16

    func startSCTP(now: MediaInstant) {
        guard let dtls, negotiated?.dataSection != nil, sctp == nil else { return }
        var options = SCTPConfiguration()
        if let port = negotiated?.remoteTransport?.sctpPort { options.remotePort = port }
        options.maximumMessageSize = Self.messageLimit(negotiated?.remoteTransport?.maxMessageSize)
        options.handshakeTimeout = Self.handshakeTimeout(roundTripTime)
        options.initialTimeout = Self.dataTimeout(roundTripTime)
        options.minimumTimeout = Self.dataTimeout(roundTripTime)
        options.maximumBackoff = Self.longestBackoff
        options.acceptsZeroChecksum = configuration.acceptsZeroChecksum
        options.maximumPacketSize = min(options.maximumPacketSize, Self.packetSize)
        var association = SCTPAssociation(
            isDTLSClient: dtls.role == .client, configuration: options,
            random: DeterministicRandom(seed: configuration.seed()), cookieKey: configuration.entropy(32))
        association.connect(now: now)
        sctp = consume association
        openPendingChannels(now: now)
    }

    /// The longest wait before data is sent again. It bounds the doubling: ICE decides whether the peer is gone, and
    /// one packet each second is no load for a path that carries media.
    private static let longestBackoff: MediaDuration = .seconds(1)

    /// Three round trips, as ICE measured them: the peer answers INIT and COOKIE ECHO at once.
    private static func handshakeTimeout(_ roundTripTime: MediaDuration?) -> MediaDuration {
        guard let roundTripTime else { return .milliseconds(300) }
        return min(max(roundTripTime * 3, .milliseconds(150)), .milliseconds(500))
    }

    /// A round trip, the 200 ms by which a peer may delay a SACK, and a little.
    private static func dataTimeout(_ roundTripTime: MediaDuration?) -> MediaDuration {
        guard let roundTripTime else { return .milliseconds(400) }
        return min(max(roundTripTime + .milliseconds(250), .milliseconds(300)), .milliseconds(500))
    }

    /// `a=max-message-size`: 0 means any, absent means 64 KiB (RFC 8841 §6).
    private static func messageLimit(_ announced: UInt64?) -> Int {
        guard let announced else { return 65_536 }
        let bound = UInt64(SCTPConfiguration.announcedMessageSize)
        return Int(announced == 0 ? bound : min(announced, bound))
    }

    private func openPendingChannels(now: MediaInstant) {
        guard sctp != nil else { return }
        for pending in pendingChannels {
            _ = try? sctp?.openChannel(
                label: pending.label, ordered: pending.isOrdered, maxRetransmits: pending.maxRetransmits, now: now)
        }
        pendingChannels.removeAll()
        drainSCTP(now: now)
    }

    func report(_ event: SCTPEvent, now: MediaInstant) {
        switch event {
        case .channelOpened(let channel):
            channels[channel.id] = channel.label
            observer?.peerConnection(self, didReport: .channelOpened(channel.id, label: channel.label))
        case .message(let id, let bytes, let isBinary):
            observer?.peerConnection(
                self, didReport: .message(id, label: channels[id] ?? "", bytes, isBinary: isBinary))
        case .channelClosed(let id):
            closed(id)
        case .bufferedAmountLow(let id):
            observer?.peerConnection(self, didReport: .bufferedAmountLow(id, label: channels[id] ?? ""))
        case .closed, .aborted:
            // The channels end with their association.
            for id in channels.keys.sorted(by: { $0.rawValue < $1.rawValue }) { closed(id) }
        case .restarted, .connected:
            break
        }
    }

    private func closed(_ id: DataChannelID) {
        let label = channels.removeValue(forKey: id) ?? ""
        observer?.peerConnection(self, didReport: .channelClosed(id, label: label))
    }
}
