package import LiveKitCore

extension TURNServer {
    /// Takes a datagram, or on a stream one frame, from a client.
    package mutating func receive(_ bytes: RawSpan, from client: TURNFiveTuple, now: MediaInstant) {
        if let allocation = allocations[client], isExpired(allocation, now: now) { delete(client) }
        if ChannelData.looksLikeChannelData(bytes) {
            receiveChannelData(bytes, from: client, now: now)
            return
        }
        let message: STUNMessage
        do {
            message = try STUNMessage(parsing: bytes)
        } catch {
            statistics.malformed += 1
            return
        }
        switch message.messageClass {
        case .request: answer(TURNRequest(message, from: client, size: bytes.byteCount), now: now)
        case .indication where message.method == .send: receiveSend(message, from: client, now: now)
        // Binding indications keep a NAT open.
        case .indication where message.method == .binding: break
        case .indication, .success, .error: statistics.malformed += 1
        }
    }

    /// Takes a datagram, or on a stream one frame, from a client.
    package mutating func receive(_ bytes: [UInt8], from client: TURNFiveTuple, now: MediaInstant) {
        receive(bytes.rawSpan, from: client, now: now)
    }

    private mutating func answer(_ request: TURNRequest, now: MediaInstant) {
        guard request.message.method != .binding else { return answerBinding(request) }
        guard Self.methods.contains(request.message.method) else {
            statistics.malformed += 1
            return
        }
        guard let account = authenticate(request, now: now) else { return }
        guard refuseUnknownAttributes(of: request, key: account.key) else { return }
        switch request.message.method {
        case .allocate: allocate(request, account, now: now)
        case .refresh: refresh(request, account, now: now)
        case .createPermission: createPermission(request, account, now: now)
        case .channelBind: bindChannel(request, account, now: now)
        default: refuseConnection(request, account, now: now)
        }
    }

    private static let methods: Set<STUNMessage.Method> = [
        .allocate, .refresh, .createPermission, .channelBind, .connect, .connectionBind,
    ]

    /// Tells anybody his address, as a STUN server does (RFC 8489 §12).
    private mutating func answerBinding(_ request: TURNRequest) {
        guard request.message.unknownRequiredTypes.isEmpty else {
            refuseUnproven(request, .unknownAttribute, [.unknownAttributes(request.message.unknownRequiredTypes)])
            return
        }
        let mapped = STUNAttribute.xorMappedAddress(request.client.client)
        respondUnproven(to: request, request.response(.success, [mapped]))
    }

    /// - Returns: whether there was nothing to refuse.
    private mutating func refuseUnknownAttributes(of request: TURNRequest, key: STUNKey) -> Bool {
        var unknown = request.message.unknownRequiredTypes
        // The driver cannot set the bit for single datagrams, so nobody may count on it (RFC 8656 §7.2).
        if request.message.attributes.contains(.dontFragment) {
            unknown.append(STUNAttribute.TypeCode.dontFragment)
        }
        guard !unknown.isEmpty else { return true }
        refuse(request, .unknownAttribute, [.unknownAttributes(unknown)], key: key)
        return false
    }

    // MARK: From clients to peers

    private mutating func receiveChannelData(_ bytes: RawSpan, from client: TURNFiveTuple, now: MediaInstant) {
        guard let message = try? ChannelData(parsing: bytes) else {
            statistics.malformed += 1
            return
        }
        guard let peer = allocations[client]?.peer(ofChannel: message.number, now: now) else {
            statistics.unpermitted += 1
            return
        }
        relay(message.payload, from: client, to: peer, now: now)
    }

    private mutating func receiveSend(_ message: STUNMessage, from client: TURNFiveTuple, now: MediaInstant) {
        guard let peer = message.peerAddress, let data = message.data, message.unknownRequiredTypes.isEmpty,
            !message.attributes.contains(.dontFragment)
        else {
            statistics.malformed += 1
            return
        }
        relay(data, from: client, to: peer, now: now)
    }

    /// The one way out: every datagram to a peer passes here, and the filter sees each.
    private mutating func relay(
        _ data: [UInt8], from client: TURNFiveTuple, to peer: TransportAddress, now: MediaInstant
    ) {
        guard let allocation = allocations[client], allocation.opening == nil,
            allocation.relayedAddress.family == peer.family, allocation.isPermitted(peer, now: now),
            configuration.peerFilter.allows(peer)
        else {
            statistics.unpermitted += 1
            return
        }
        statistics.relayedToPeers += 1
        statistics.relayedBytesToPeers += data.count
        forward(.relay(data, from: allocation.relay, to: peer))
    }

    // MARK: From peers to clients

    /// Takes a datagram that a peer has sent to a relayed address.
    package mutating func receive(
        _ data: [UInt8], onRelay relay: TURNRelayID, from peer: TransportAddress, now: MediaInstant
    ) {
        guard let client = clientsByRelay[relay], let allocation = allocations[client] else { return }
        guard !isExpired(allocation, now: now) else { return delete(client) }
        guard allocation.isPermitted(peer, now: now), configuration.peerFilter.allows(peer) else {
            statistics.unpermitted += 1
            return
        }
        statistics.relayedToClients += 1
        statistics.relayedBytesToClients += data.count
        if let number = allocation.channel(of: peer, now: now) {
            let message = ChannelData(number: number, payload: data)
            forward(.send(message.encoded(isPadded: client.transport.isStream), to: client))
        } else if data.count <= Self.maximumIndicationData {
            let indication = STUNMessage(
                class: .indication, method: .data, transactionID: STUNTransactionID(using: &random),
                attributes: [.xorPeerAddress(peer), .data(data)])
            forward(.send(indication.encoded(fingerprint: false), to: client))
        }
    }

    /// What a Data indication's length field leaves for the data.
    private static let maximumIndicationData = 65_000
}
