extension STUNMessage.Method {
    /// Allocate: give me a relayed address (RFC 8656 §7).
    public static let allocate = Self(rawValue: 0x003)
    /// Refresh: keep my allocation, or with a lifetime of zero drop it.
    public static let refresh = Self(rawValue: 0x004)
    /// Send: an indication with data for a peer.
    public static let send = Self(rawValue: 0x006)
    /// Data: an indication with data from a peer.
    public static let data = Self(rawValue: 0x007)
    /// CreatePermission: let peers' datagrams through.
    public static let createPermission = Self(rawValue: 0x008)
    /// ChannelBind: give a peer a short name.
    public static let channelBind = Self(rawValue: 0x009)
    /// Connect: open a TCP connection to a peer (RFC 6062 §4.3).
    public static let connect = Self(rawValue: 0x00A)
    /// ConnectionBind: this connection is for that relayed one (RFC 6062 §4.3).
    public static let connectionBind = Self(rawValue: 0x00B)
}

extension STUNMessage {
    /// The first XOR-PEER-ADDRESS.
    public var peerAddress: TransportAddress? {
        for case .xorPeerAddress(let address) in attributes { return address }
        return nil
    }

    /// The first XOR-RELAYED-ADDRESS.
    public var relayedAddress: TransportAddress? {
        for case .xorRelayedAddress(let address) in attributes { return address }
        return nil
    }

    /// The first LIFETIME, in seconds.
    public var lifetime: UInt32? {
        for case .lifetime(let seconds) in attributes { return seconds }
        return nil
    }

    /// The first CHANNEL-NUMBER.
    public var channelNumber: UInt16? {
        for case .channelNumber(let number) in attributes { return number }
        return nil
    }

    /// The first DATA.
    public var data: [UInt8]? {
        for case .data(let bytes) in attributes { return bytes }
        return nil
    }

    /// The first REALM.
    public var realm: String? {
        for case .realm(let realm) in attributes { return realm }
        return nil
    }

    /// The first NONCE.
    public var nonce: String? {
        for case .nonce(let nonce) in attributes { return nonce }
        return nil
    }

    /// The first ALTERNATE-SERVER.
    public var alternateServer: TransportAddress? {
        for case .alternateServer(let address) in attributes { return address }
        return nil
    }

    /// Whether the message came with a MESSAGE-INTEGRITY, right or wrong.
    package var hasIntegrity: Bool { integrity != nil }
}

extension STUNErrorCode {
    /// 300: ask the server in ALTERNATE-SERVER.
    public static let tryAlternate = Self(code: 300, reason: "Try Alternate")
    /// 403: the peer's address is not one that this server relays to.
    public static let forbidden = Self(code: 403, reason: "Forbidden")
    /// 437: there is no allocation, or there is one already.
    public static let allocationMismatch = Self(code: 437, reason: "Allocation Mismatch")
    /// 440: no relayed address of that family.
    public static let addressFamilyNotSupported = Self(code: 440, reason: "Address Family not Supported")
    /// 441: the allocation was made with other credentials.
    public static let wrongCredentials = Self(code: 441, reason: "Wrong Credentials")
    /// 442: no relay of that transport.
    public static let unsupportedTransport = Self(code: 442, reason: "Unsupported Transport Protocol")
    /// 443: the peer's address is not of the relayed address's family.
    public static let peerAddressFamilyMismatch = Self(code: 443, reason: "Peer Address Family Mismatch")
    /// 486: the user has as many allocations as it may have.
    public static let allocationQuotaReached = Self(code: 486, reason: "Allocation Quota Reached")
    /// 508: the server has no room.
    public static let insufficientCapacity = Self(code: 508, reason: "Insufficient Capacity")
}
