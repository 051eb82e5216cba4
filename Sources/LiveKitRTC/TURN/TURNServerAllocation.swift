internal import LiveKitCore

/// One relayed address and what its client may do with it.
struct TURNServerAllocation {
    struct Channel {
        let peer: TransportAddress
        var expiresAt: MediaInstant
    }

    /// What an Allocate that waits for its socket will be answered.
    struct Opening {
        var attempts = 1
        let reservesNext: Bool
        let hasFingerprint: Bool
        let extras: [STUNAttribute]
        let lifetime: MediaDuration
    }

    let relay: TURNRelayID
    let username: String
    let account: TURNAccount
    /// Of the Allocate, whose repetition gets the same answer.
    let transactionID: STUNTransactionID
    var relayedAddress: TransportAddress
    var expiresAt: MediaInstant
    /// Until the socket stands.
    var opening: Opening?
    var reservationToken: UInt64?

    private(set) var permissions: [TransportAddress: MediaInstant] = [:]
    private(set) var channels: [UInt16: Channel] = [:]
    private var numbers: [TransportAddress: UInt16] = [:]

    init(
        relay: TURNRelayID, username: String, account: TURNAccount, transactionID: STUNTransactionID,
        relayedAddress: TransportAddress, expiresAt: MediaInstant, opening: Opening
    ) {
        self.relay = relay
        self.username = username
        self.account = account
        self.transactionID = transactionID
        self.relayedAddress = relayedAddress
        self.expiresAt = expiresAt
        self.opening = opening
    }

    // MARK: Permissions

    /// Permissions are for hosts; ports do not count (RFC 8656 §9).
    func isPermitted(_ peer: TransportAddress, now: MediaInstant) -> Bool {
        guard let expiresAt = permissions[peer.with(port: 0)] else { return false }
        return now < expiresAt
    }

    func hasRoomForPermissions(_ peers: [TransportAddress]) -> Bool {
        let added = Set(peers.map { $0.with(port: 0) }).filter { permissions[$0] == nil }
        return permissions.count + added.count <= TURNLimits.permissions
    }

    mutating func permit(_ peer: TransportAddress, now: MediaInstant) {
        permissions[peer.with(port: 0)] = now + TURNLimits.permissionLifetime
    }

    // MARK: Channels

    func peer(ofChannel number: UInt16, now: MediaInstant) -> TransportAddress? {
        guard let channel = channels[number], now < channel.expiresAt else { return nil }
        return channel.peer
    }

    func channel(of peer: TransportAddress, now: MediaInstant) -> UInt16? {
        guard let number = numbers[peer], self.peer(ofChannel: number, now: now) != nil else { return nil }
        return number
    }

    /// Whether the number is this peer's already, or both are unbound.
    func mayBind(_ number: UInt16, to peer: TransportAddress, now: MediaInstant) -> Bool {
        let boundPeer = self.peer(ofChannel: number, now: now)
        let boundNumber = channel(of: peer, now: now)
        return (boundPeer == nil || boundPeer == peer) && (boundNumber == nil || boundNumber == number)
    }

    mutating func bind(_ number: UInt16, to peer: TransportAddress, now: MediaInstant) {
        if let former = channels[number]?.peer { numbers[former] = nil }
        if let former = numbers[peer] { channels[former] = nil }
        channels[number] = Channel(peer: peer, expiresAt: now + TURNLimits.channelLifetime)
        numbers[peer] = number
    }

    // MARK: Time

    mutating func dropExpired(now: MediaInstant) {
        permissions = permissions.filter { now < $0.value }
        for (number, channel) in channels where channel.expiresAt <= now {
            channels[number] = nil
            numbers[channel.peer] = nil
        }
    }
}
