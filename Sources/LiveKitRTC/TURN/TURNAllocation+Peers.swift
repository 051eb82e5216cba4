package import LiveKitCore

extension TURNAllocation {
    /// Sends a datagram to a peer, from the relayed address.
    package mutating func send(_ payload: [UInt8], to peer: TransportAddress, now: MediaInstant) {
        guard state == .allocated, payload.count <= Self.maximumPayload, admit(peer, now: now),
            let known = peers[peer], !known.isRefused(now: now)
        else {
            statistics.dropped += 1
            return
        }
        peers[peer]?.lastUsedAt = now
        noteSent(now: now)
        if known.hasChannel(now: now), known.isPermitted(now: now), let channel = known.channel {
            sendOnChannel(channel, payload)
            return
        }
        if known.isPermitted(now: now) {
            sendIndication(payload, to: peer)
        } else if known.waiting.count < TURNLimits.waitingDatagrams {
            peers[peer]?.waiting.append(payload)
        } else {
            statistics.dropped += 1
        }
        if !known.isPermitted(now: now) || !known.isWithoutChannel { ask(for: peer, now: now) }
    }

    /// Lets a peer's datagrams through before anything is sent to it.
    package mutating func permit(_ peer: TransportAddress, now: MediaInstant) {
        guard state == .allocated, admit(peer, now: now), let known = peers[peer] else { return }
        peers[peer]?.lastUsedAt = now
        guard !known.isPermitted(now: now), !known.isRefused(now: now), !isUnderWay(for: peer) else { return }
        request(.permit(peer), now: now)
    }

    /// A Send indication holds address and data beside its header.
    private static let maximumPayload = 65_000

    private mutating func sendOnChannel(_ channel: UInt16, _ payload: [UInt8]) {
        statistics.sentOnChannels += 1
        transmit(
            ChannelData(number: channel, payload: payload).encoded(isPadded: configuration.transport.isStream))
    }

    private mutating func sendIndication(_ payload: [UInt8], to peer: TransportAddress) {
        statistics.sentAsIndications += 1
        let message = STUNMessage(
            class: .indication, method: .send, transactionID: STUNTransactionID(using: &random),
            attributes: [.xorPeerAddress(peer), .data(payload)])
        transmit(message.encoded(fingerprint: false))
    }

    // MARK: The table of peers

    /// Makes the peer known, at the cost of the one used least recently.
    private mutating func admit(_ peer: TransportAddress, now: MediaInstant) -> Bool {
        guard peers[peer] == nil else { return true }
        guard peer.family == configuration.family else { return false }
        if peers.count >= TURNLimits.peers {
            let idlest = peers.min {
                ($0.value.lastUsedAt, $0.key.description) < ($1.value.lastUsedAt, $1.key.description)
            }
            if let idlest { setAside(idlest.key) }
        }
        var known = TURNPeer(now: now)
        known.channel = peersByChannel.first { $0.value == peer }?.key
        peers[peer] = known
        return true
    }

    /// The channel stays: the server goes on using it, and would give the peer no other (RFC 8656 §12).
    private mutating func setAside(_ peer: TransportAddress) {
        peers[peer] = nil
        transactions.removeAll { $0.purpose.peer == peer }
    }

    private mutating func forget(_ peer: TransportAddress) {
        if let channel = peers[peer]?.channel { peersByChannel[channel] = nil }
        setAside(peer)
    }

    /// Asks for a channel, which includes the permission, or where there is none for the permission.
    private mutating func ask(for peer: TransportAddress, now: MediaInstant) {
        guard let known = peers[peer], !isUnderWay(for: peer) else { return }
        guard !known.isWithoutChannel, let channel = known.channel ?? takeChannel() else {
            return request(.permit(peer), now: now)
        }
        peers[peer]?.channel = channel
        peersByChannel[channel] = peer
        request(.bind(peer, channel), now: now)
    }

    /// Numbers go round, so that one is not used again while the server may remember it (RFC 8656 §12: five minutes
    /// after its end): four thousand others come first.
    private mutating func takeChannel() -> UInt16? {
        for _ in ChannelData.numbers {
            let channel = nextChannel
            nextChannel = channel == ChannelData.numbers.upperBound ? ChannelData.numbers.lowerBound : channel + 1
            guard let peer = peersByChannel[channel], peers[peer] != nil else { return channel }
        }
        return nil
    }

    /// Renews what a peer has, or lets a peer go that nothing was sent to since the last time.
    mutating func renew(_ peer: TransportAddress, now: MediaInstant) {
        guard let known = peers[peer] else { return }
        if now - known.lastUsedAt < configuration.renewal {
            peers[peer]?.renewAt = nil
            if known.channel == nil { request(.permit(peer), now: now) } else { ask(for: peer, now: now) }
            return
        }
        // The number stays this peer's until five minutes after the channel's end.
        let end = (known.channelExpiresAt ?? known.permittedUntil ?? now) + TURNLimits.permissionLifetime
        if end <= now { forget(peer) } else { peers[peer]?.renewAt = end }
    }

    // MARK: Answers

    mutating func peerPermitted(_ peer: TransportAddress, now: MediaInstant) {
        peers[peer]?.permitted(now: now, renewal: configuration.renewal)
        for payload in takeWaiting(for: peer) { sendIndication(payload, to: peer) }
    }

    mutating func channelBound(_ channel: UInt16, to peer: TransportAddress, now: MediaInstant) {
        peers[peer]?.permitted(now: now, renewal: configuration.renewal)
        peers[peer]?.channelExpiresAt = now + TURNLimits.channelLifetime
        for payload in takeWaiting(for: peer) { sendOnChannel(channel, payload) }
    }

    mutating func bindRefused(_ peer: TransportAddress, code: UInt16, now: MediaInstant) {
        guard code != 403, code != 443 else { return peerRefused(peer, code: code, now: now) }
        if let channel = peers[peer]?.channel { peersByChannel[channel] = nil }
        peers[peer]?.channel = nil
        peers[peer]?.channelExpiresAt = nil
        peers[peer]?.isWithoutChannel = true
        if peers[peer] != nil { request(.permit(peer), now: now) }
    }

    mutating func peerRefused(_ peer: TransportAddress, code: UInt16, now: MediaInstant) {
        guard peers[peer] != nil else { return }
        statistics.dropped += takeWaiting(for: peer).count
        peers[peer]?.refusedUntil = now + TURNPeer.refusalMemory
        peers[peer]?.permittedUntil = nil
        emit(.peerRefused(peer, code: code))
    }

    private mutating func takeWaiting(for peer: TransportAddress) -> [[UInt8]] {
        let waiting = peers[peer]?.waiting ?? []
        peers[peer]?.waiting = []
        return waiting
    }
}
