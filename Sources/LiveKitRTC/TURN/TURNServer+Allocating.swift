package import LiveKitCore

extension TURNServer {
    /// The protocol number of UDP, the only transport of relays.
    private static let udp: UInt8 = 17

    // MARK: Allocate, RFC 8656 §7.2

    mutating func allocate(_ request: TURNRequest, _ account: TURNAccount, now: MediaInstant) {
        if let allocation = allocations[request.client] {
            guard allocation.transactionID == request.message.transactionID else {
                return refuse(request, .allocationMismatch, key: account.key)
            }
            // The same request again; its answer may have been lost, or is still to come.
            if allocation.opening == nil { confirm(allocation, for: request, now: now) }
            return
        }
        let wish: TURNAllocateWish
        switch TURNAllocateWish.read(request.message) {
        case .failure(let refusal): return refuse(request, refusal.code, key: account.key)
        case .success(let read): wish = read
        }
        guard wish.transport == Self.udp else { return refuse(request, .unsupportedTransport, key: account.key) }
        guard let port = takePort(for: wish, request, account) else { return }
        open(request, account, wish, port: port, now: now)
    }

    /// A port within all quotas and the family's host, or a refusal.
    private mutating func takePort(
        for wish: TURNAllocateWish, _ request: TURNRequest, _ account: TURNAccount
    ) -> TransportAddress? {
        let limit = configuration.allocationsPerUser
        guard limit <= 0 || allocationCount(of: account.user) < limit else {
            statistics.refusedAllocations += 1
            refuse(request, .allocationQuotaReached, key: account.key)
            return nil
        }
        let reservation = wish.reservationToken.flatMap { reservations[$0] }
        let family = reservation?.family ?? wish.family
        guard let host = configuration.relayHosts.first(where: { $0.family == family }) else {
            refuse(request, .addressFamilyNotSupported, key: account.key)
            return nil
        }
        var port: UInt16?
        if let token = wish.reservationToken {
            if let reservation, reservation.user == account.user {
                port = reservation.port
                reservations[token] = nil
            }
        } else if wish.wantsEvenPort {
            let hasRoom = !wish.reservesNext || reservations.count < TURNLimits.reservations
            port = hasRoom ? ports.takeEven(andNext: wish.reservesNext, using: &random) : nil
        } else {
            port = ports.takeAny(using: &random)
        }
        guard let port else {
            statistics.refusedAllocations += 1
            refuse(request, .insufficientCapacity, key: account.key)
            return nil
        }
        return host.with(port: port)
    }

    private mutating func open(
        _ request: TURNRequest, _ account: TURNAccount, _ wish: TURNAllocateWish, port: TransportAddress,
        now: MediaInstant
    ) {
        var extras: [STUNAttribute] = []
        if let additional = wish.additionalFamily {
            extras.append(.addressErrorCode(additional, .addressFamilyNotSupported))
        }
        let lifetime = granted(wish.lifetime)
        var allocation = TURNServerAllocation(
            relay: makeRelayID(), username: request.message.username ?? "", account: account,
            transactionID: request.message.transactionID, relayedAddress: port, expiresAt: now + lifetime,
            opening: TURNServerAllocation.Opening(
                reservesNext: wish.reservesNext, hasFingerprint: request.message.hasFingerprint, extras: extras,
                lifetime: lifetime))
        if wish.reservesNext {
            let token = random.next()
            allocation.reservationToken = token
            reservations[token] = TURNPortReservation(
                port: port.port &+ 1, family: port.family, user: account.user,
                expiresAt: now + TURNLimits.reservationLifetime)
        }
        allocations[request.client] = allocation
        clientsByRelay[allocation.relay] = request.client
        allocationsByUser[account.user, default: 0] += 1
        scheduleSweep(now: now)
        perform(.openRelay(allocation.relay, family: port.family, port: port.port))
    }

    /// The relay's socket stands: the client is told.
    package mutating func relayOpened(_ relay: TURNRelayID, now: MediaInstant) {
        guard let client = clientsByRelay[relay], let opening = allocations[client]?.opening else { return }
        allocations[client]?.opening = nil
        guard let allocation = allocations[client] else { return }
        statistics.allocations += 1
        let response = STUNMessage(
            class: .success, method: .allocate, transactionID: allocation.transactionID,
            attributes: attributes(of: allocation, for: client, lifetime: opening.lifetime) + opening.extras)
        let bytes = response.encoded(key: allocation.account.key, fingerprint: opening.hasFingerprint)
        perform(.send(bytes, to: client))
    }

    /// The port is somebody else's: another is tried, so often.
    package mutating func relayFailed(_ relay: TURNRelayID, now: MediaInstant) {
        guard let client = clientsByRelay[relay], let allocation = allocations[client],
            let opening = allocation.opening
        else { return }
        let taken = allocation.relayedAddress
        // A pair of ports cannot be moved; others are.
        if !opening.reservesNext, opening.attempts < TURNLimits.openAttempts,
            let port = ports.takeAny(using: &random)
        {
            ports.release(taken.port)
            allocations[client]?.opening?.attempts += 1
            allocations[client]?.relayedAddress = taken.with(port: port)
            perform(.openRelay(relay, family: taken.family, port: port))
            return
        }
        statistics.refusedAllocations += 1
        let response = STUNMessage(
            class: .error, method: .allocate, transactionID: allocation.transactionID,
            attributes: [.errorCode(.insufficientCapacity)])
        perform(.send(response.encoded(key: allocation.account.key, fingerprint: opening.hasFingerprint), to: client))
        delete(client)
    }

    private mutating func confirm(
        _ allocation: TURNServerAllocation, for request: TURNRequest, now: MediaInstant
    ) {
        let attributes = attributes(of: allocation, for: request.client, lifetime: allocation.expiresAt - now)
        respond(to: request, attributes, key: allocation.account.key)
    }

    private func attributes(
        of allocation: TURNServerAllocation, for client: TURNFiveTuple, lifetime: MediaDuration
    ) -> [STUNAttribute] {
        var attributes: [STUNAttribute] = [
            .xorRelayedAddress(allocation.relayedAddress), .lifetime(Self.seconds(of: lifetime)),
            .xorMappedAddress(client.client),
        ]
        if let token = allocation.reservationToken { attributes.append(.reservationToken(token)) }
        return attributes
    }

    // MARK: Refresh, RFC 8656 §8.2

    mutating func refresh(_ request: TURNRequest, _ account: TURNAccount, now: MediaInstant) {
        guard let allocation = allocation(for: request, account) else { return }
        for case .requestedAddressFamily(let family) in request.message.attributes
        where family != allocation.relayedAddress.family {
            return refuse(request, .peerAddressFamilyMismatch, key: account.key)
        }
        guard request.message.lifetime != 0 else {
            delete(request.client)
            return respond(to: request, [.lifetime(0)], key: account.key)
        }
        let lifetime = granted(request.message.lifetime)
        allocations[request.client]?.expiresAt = now + lifetime
        respond(to: request, [.lifetime(Self.seconds(of: lifetime))], key: account.key)
    }

    /// More than the default for those who ask, up to the maximum.
    private func granted(_ seconds: UInt32?) -> MediaDuration {
        let asked = MediaDuration.seconds(Int64(seconds ?? 0))
        return min(max(asked, configuration.defaultLifetime), configuration.maximumLifetime)
    }

    private static func seconds(of duration: MediaDuration) -> UInt32 {
        UInt32(clamping: duration.milliseconds / 1000)
    }
}
