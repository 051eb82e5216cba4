internal import LiveKitCore

extension TURNServer {
    // MARK: CreatePermission, RFC 8656 §10.2

    mutating func createPermission(_ request: TURNRequest, _ account: TURNAccount, now: MediaInstant) {
        guard let allocation = allocation(for: request, account) else { return }
        let peers = request.message.attributes.compactMap { attribute -> TransportAddress? in
            guard case .xorPeerAddress(let peer) = attribute else { return nil }
            return peer
        }
        guard !peers.isEmpty else { return refuse(request, .badRequest, key: account.key) }
        // All or none.
        for peer in peers {
            guard configuration.peerFilter.allowsHost(of: peer) else { return forbid(request, account) }
            guard peer.family == allocation.relayedAddress.family else {
                return refuse(request, .peerAddressFamilyMismatch, key: account.key)
            }
        }
        guard allocation.hasRoomForPermissions(peers) else {
            return refuse(request, .insufficientCapacity, key: account.key)
        }
        for peer in peers { allocations[request.client]?.permit(peer, now: now) }
        respond(to: request, [], key: account.key)
    }

    // MARK: ChannelBind, RFC 8656 §12.2

    mutating func bindChannel(_ request: TURNRequest, _ account: TURNAccount, now: MediaInstant) {
        guard let allocation = allocation(for: request, account) else { return }
        guard let number = request.message.channelNumber, let peer = request.message.peerAddress else {
            return refuse(request, .badRequest, key: account.key)
        }
        guard configuration.peerFilter.allows(peer) else { return forbid(request, account) }
        guard peer.family == allocation.relayedAddress.family else {
            return refuse(request, .peerAddressFamilyMismatch, key: account.key)
        }
        guard ChannelData.numbers.contains(number), allocation.mayBind(number, to: peer, now: now) else {
            return refuse(request, .badRequest, key: account.key)
        }
        let isNew = allocation.channel(of: peer, now: now) == nil
        guard allocation.hasRoomForPermissions([peer]), !isNew || allocation.channels.count < TURNLimits.channels else {
            return refuse(request, .insufficientCapacity, key: account.key)
        }
        allocations[request.client]?.permit(peer, now: now)
        allocations[request.client]?.bind(number, to: peer, now: now)
        respond(to: request, [], key: account.key)
    }

    // MARK: Connect, RFC 6062 §5.2

    /// Relays are UDP only, so no allocation is ever one that Connect could be about.
    mutating func refuseConnection(_ request: TURNRequest, _ account: TURNAccount, now: MediaInstant) {
        guard request.message.method == .connect else {
            return refuse(request, .badRequest, key: account.key)
        }
        guard let peer = request.message.peerAddress else {
            return refuse(request, .badRequest, key: account.key)
        }
        guard configuration.peerFilter.allows(peer) else { return forbid(request, account) }
        refuse(request, .allocationMismatch, key: account.key)
    }

    private mutating func forbid(_ request: TURNRequest, _ account: TURNAccount) {
        statistics.forbiddenPeers += 1
        refuse(request, .forbidden, key: account.key)
    }
}
