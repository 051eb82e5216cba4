internal import LiveKitCore

extension TURNAllocation {
    /// Sends a request, with credentials once the server has asked for them.
    mutating func request(_ purpose: TURNTransaction.Purpose, staleNonces: Int = 0, now: MediaInstant) {
        guard transactions.count < TURNLimits.transactions else {
            statistics.dropped += 1
            return
        }
        let id = STUNTransactionID(using: &random)
        var message = STUNMessage(
            class: .request, method: Self.method(of: purpose), transactionID: id, attributes: attributes(of: purpose))
        if let credentials {
            message.attributes += [
                .username(configuration.username), .realm(credentials.realm), .nonce(credentials.nonce),
            ]
        }
        let bytes = message.encoded(key: credentials?.key, fingerprint: true)
        transactions.append(
            TURNTransaction(
                id: id, purpose: purpose, bytes: bytes, isAuthenticated: credentials != nil, staleNonces: staleNonces,
                configuration: configuration, now: now))
        transmit(bytes)
    }

    private static func method(of purpose: TURNTransaction.Purpose) -> STUNMessage.Method {
        switch purpose {
        case .allocate: .allocate
        case .refresh, .probe, .giveBack: .refresh
        case .permit: .createPermission
        case .bind: .channelBind
        }
    }

    private func attributes(of purpose: TURNTransaction.Purpose) -> [STUNAttribute] {
        switch purpose {
        case .allocate:
            var attributes: [STUNAttribute] = [.requestedTransport(17)]
            if configuration.family == .ipv6 { attributes.append(.requestedAddressFamily(.ipv6)) }
            if let lifetime = configuration.lifetime { attributes.append(.lifetime(lifetime)) }
            return attributes
        case .refresh, .probe: return configuration.lifetime.map { [.lifetime($0)] } ?? []
        case .giveBack: return [.lifetime(0)]
        case .permit(let peer): return [.xorPeerAddress(peer)]
        case .bind(let peer, let number): return [.channelNumber(number), .xorPeerAddress(peer)]
        }
    }

    func isUnderWay(for peer: TransportAddress) -> Bool {
        transactions.contains { $0.purpose.peer == peer }
    }
}
