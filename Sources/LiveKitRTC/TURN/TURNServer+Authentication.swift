internal import LiveKitCore

extension TURNServer {
    /// Finds out who asks (RFC 8489 §9.2.4), or answers that it is not known.
    ///
    /// Wrong credentials get 400 as from LiveKit's own server: with 401 clients would ask again and again.
    mutating func authenticate(_ request: TURNRequest, now: MediaInstant) -> TURNAccount? {
        let message = request.message
        guard message.hasIntegrity else {
            challenge(request, .unauthenticated, now: now)
            return nil
        }
        guard let username = message.username, message.realm != nil, let nonce = message.nonce else {
            refuseUnproven(request, .badRequest)
            return nil
        }
        guard nonces.isValid(nonce, for: request.client.client, seconds: Self.seconds(now)) else {
            challenge(request, .staleNonce, now: now)
            return nil
        }
        let account = account(named: username, for: request)
        guard message.isAuthentic(key: account?.key ?? strangersKey), let account else {
            statistics.badCredentials += 1
            refuseUnproven(request, .badRequest)
            return nil
        }
        return account
    }

    /// A client that has an allocation keeps the key it came with.
    private func account(named username: String, for request: TURNRequest) -> TURNAccount? {
        if request.message.method != .allocate, let allocation = allocations[request.client],
            allocation.username == username
        {
            return allocation.account
        }
        return accounts(username, request.message.method)
    }

    private static func seconds(_ now: MediaInstant) -> Int64 { now.nanoseconds / 1_000_000_000 }

    // MARK: Answers to the unproven

    /// 401 or 438 with what to authenticate by. No reason and no SOFTWARE: see ``TURNNonce`` for why each byte counts.
    private mutating func challenge(_ request: TURNRequest, _ error: STUNErrorCode, now: MediaInstant) {
        // A stream's client cannot forge its address, and would wait in vain for an answer that was left out.
        guard request.client.transport.isStream || limiter.take(for: request.client.client, now: now) else {
            statistics.suppressedAnswers += 1
            return
        }
        statistics.challenges += 1
        let nonce = nonces.make(for: request.client.client, seconds: Self.seconds(now))
        refuseUnproven(request, error, [.realm(configuration.realm), .nonce(nonce)])
    }

    mutating func refuseUnproven(_ request: TURNRequest, _ error: STUNErrorCode, _ more: [STUNAttribute] = []) {
        let bare = STUNErrorCode(code: error.code, reason: "")
        respondUnproven(to: request, request.response(.error, [.errorCode(bare)] + more))
    }

    mutating func respondUnproven(to request: TURNRequest, _ response: STUNMessage) {
        let bytes = response.encoded(fingerprint: request.message.hasFingerprint)
        guard request.client.transport.isStream || Self.isModest(bytes.count, for: request) else {
            statistics.suppressedAnswers += 1
            return
        }
        forward(.send(bytes, to: request.client))
    }

    /// Whether the answer, on the wire, is at most one and a half times the request.
    private static func isModest(_ count: Int, for request: TURNRequest) -> Bool {
        let headers = request.client.client.family == .ipv4 ? 28 : 48
        return (count + headers) * 2 <= (request.size + headers) * 3
    }

    // MARK: Answers to the proven

    mutating func respond(to request: TURNRequest, _ attributes: [STUNAttribute], key: STUNKey) {
        let response = request.response(.success, attributes)
        perform(.send(response.encoded(key: key, fingerprint: request.message.hasFingerprint), to: request.client))
    }

    mutating func refuse(
        _ request: TURNRequest, _ error: STUNErrorCode, _ more: [STUNAttribute] = [], key: STUNKey
    ) {
        let response = request.response(.error, [.errorCode(error)] + more)
        perform(.send(response.encoded(key: key, fingerprint: request.message.hasFingerprint), to: request.client))
    }

    /// The allocation that a request is about, if it is this user's; refuses it otherwise.
    mutating func allocation(for request: TURNRequest, _ account: TURNAccount) -> TURNServerAllocation? {
        guard let allocation = allocations[request.client], allocation.opening == nil else {
            refuse(request, .allocationMismatch, key: account.key)
            return nil
        }
        guard allocation.username == request.message.username else {
            refuse(request, .wrongCredentials, key: account.key)
            return nil
        }
        return allocation
    }
}
