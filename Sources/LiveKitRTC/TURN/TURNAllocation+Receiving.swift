package import LiveKitCore

extension TURNAllocation {
    /// Takes a datagram, or on a stream one frame, that came from the server.
    package mutating func receive(_ bytes: RawSpan, now: MediaInstant) {
        if ChannelData.looksLikeChannelData(bytes) {
            receiveChannelData(bytes, now: now)
            return
        }
        guard let message = try? STUNMessage(parsing: bytes) else {
            statistics.ignored += 1
            return
        }
        switch message.messageClass {
        case .success, .error: receiveResponse(message, now: now)
        case .indication where message.method == .data: receiveData(message, now: now)
        case .indication, .request: statistics.ignored += 1
        }
    }

    /// Takes a datagram, or on a stream one frame, that came from the server.
    package mutating func receive(_ bytes: [UInt8], now: MediaInstant) {
        receive(bytes.rawSpan, now: now)
    }

    // MARK: Data

    private mutating func receiveChannelData(_ bytes: RawSpan, now: MediaInstant) {
        guard let message = try? ChannelData(parsing: bytes), let peer = heardPeer(ofChannel: message.number, now: now)
        else {
            statistics.ignored += 1
            return
        }
        deliver(message.payload, from: peer)
    }

    /// Data from a host that we have not permitted is not the server's to send (RFC 8656 §11.4).
    private mutating func receiveData(_ message: STUNMessage, now: MediaInstant) {
        guard let peer = message.peerAddress, let data = message.data,
            peers.contains(where: { $0.key.with(port: 0) == peer.with(port: 0) })
        else {
            statistics.ignored += 1
            return
        }
        peers[peer]?.lastUsedAt = now
        unansweredSince = nil
        deliver(data, from: peer)
    }

    // MARK: Responses

    private mutating func receiveResponse(_ message: STUNMessage, now: MediaInstant) {
        guard let index = transactions.firstIndex(where: { $0.id == message.transactionID }),
            isBelievable(message, to: transactions[index])
        else {
            statistics.ignored += 1
            return
        }
        unansweredSince = nil
        let transaction = transactions.remove(at: index)
        guard message.messageClass == .error else { return succeeded(transaction.purpose, message, now: now) }
        guard let error = message.errorCode else {
            statistics.ignored += 1
            return
        }
        switch (error.code, transaction.purpose) {
        case (401, _), (438, _): challenged(transaction, by: message, error.code, now: now)
        case (_, .allocate): allocateFailed(error.code, message)
        case (_, .refresh), (_, .probe): finish(.failed(error.code == 437 ? .lost : .refused(error.code)))
        case (_, .giveBack): finish(.closed)
        // The server has forgotten us; whatever else it refuses concerns the peer alone.
        case (437, .permit), (437, .bind): finish(.failed(.lost))
        case (let code, .permit(let peer)): peerRefused(peer, code: code, now: now)
        case (let code, .bind(let peer, _)): bindRefused(peer, code: code, now: now)
        }
    }

    /// What answers a request with credentials must prove that the server knows them too. The refusal of
    /// credentials cannot; LiveKit's refusal is 400 (RFC 8489 §9.2.5 would have it ignored).
    private func isBelievable(_ message: STUNMessage, to transaction: TURNTransaction) -> Bool {
        guard transaction.isAuthenticated, let credentials else { return true }
        if message.isAuthentic(key: credentials.key) { return true }
        guard message.messageClass == .error, let code = message.errorCode?.code else { return false }
        return [400, 401, 438].contains(code)
    }

    /// 401 asks for credentials, 438 for a fresh nonce.
    private mutating func challenged(
        _ transaction: TURNTransaction, by message: STUNMessage, _ code: UInt16, now: MediaInstant
    ) {
        if case .giveBack = transaction.purpose, transaction.staleNonces > 0 { return finish(.closed) }
        guard let realm = message.realm ?? credentials?.realm, let nonce = message.nonce else {
            return finish(.failed(.refused(code)))
        }
        // Credentials that were refused once are wrong.
        guard code == 438 || !transaction.isAuthenticated else { return finish(.failed(.unauthorized)) }
        guard transaction.staleNonces < TURNLimits.staleNonces else { return finish(.failed(.refused(code))) }
        if credentials?.realm == realm {
            credentials?.nonce = nonce
        } else {
            let key = STUNKey(username: configuration.username, realm: realm, password: configuration.password)
            credentials = Credentials(realm: realm, nonce: nonce, key: key)
        }
        request(transaction.purpose, staleNonces: transaction.staleNonces + (code == 438 ? 1 : 0), now: now)
    }

    private mutating func allocateFailed(_ code: UInt16, _ message: STUNMessage) {
        switch code {
        case 300:
            if let alternate = message.alternateServer { return finish(.alternateServer(alternate)) }
            finish(.failed(.refused(code)))
        case 400 where credentials != nil && !message.hasIntegrity: finish(.failed(.unauthorized))
        case 437: finish(.failed(.portInUse))
        case 486: finish(.failed(.quotaReached))
        case 508: finish(.failed(.insufficientCapacity))
        default: finish(.failed(.refused(code)))
        }
    }

    private mutating func succeeded(
        _ purpose: TURNTransaction.Purpose, _ message: STUNMessage, now: MediaInstant
    ) {
        switch purpose {
        case .allocate:
            guard let relayed = message.relayedAddress else { return finish(.failed(.refused(500))) }
            state = .allocated
            relayedAddress = relayed
            mappedAddress = message.mappedAddress
            scheduleRefresh(message.lifetime, now: now)
            emit(.allocated(relayed: relayed, mapped: mappedAddress))
        case .refresh, .probe: scheduleRefresh(message.lifetime, now: now)
        case .giveBack: finish(.closed)
        case .permit(let peer): peerPermitted(peer, now: now)
        case .bind(let peer, let number): channelBound(number, to: peer, now: now)
        }
    }

    /// A minute ahead of the end: time for all repetitions of the request. Short lives are renewed at half.
    private mutating func scheduleRefresh(_ lifetime: UInt32?, now: MediaInstant) {
        let lifetime = MediaDuration.seconds(Int64(lifetime ?? 600))
        refreshAt = now + max(lifetime / 2, lifetime - .seconds(60))
    }
}
