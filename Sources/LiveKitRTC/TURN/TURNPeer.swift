internal import LiveKitCore

/// What a ``TURNAllocation`` knows of one peer.
struct TURNPeer {
    /// The channel that was asked for, which the server may have bound although its answer was lost.
    var channel: UInt16?
    var channelExpiresAt: MediaInstant?
    var permittedUntil: MediaInstant?
    /// When permission and channel are to be renewed, if the peer is still in use.
    var renewAt: MediaInstant?
    /// The server gives this peer no channel; permissions will do.
    var isWithoutChannel = false
    /// The server does not relay there; not asked again before.
    var refusedUntil: MediaInstant?
    var lastUsedAt: MediaInstant
    /// Datagrams that wait for the permission.
    var waiting: [[UInt8]] = []

    /// A refusal is believed so long.
    static let refusalMemory: MediaDuration = .seconds(30)

    init(now: MediaInstant) {
        lastUsedAt = now
    }

    func hasChannel(now: MediaInstant) -> Bool {
        guard let channelExpiresAt else { return false }
        return now < channelExpiresAt
    }

    func isPermitted(now: MediaInstant) -> Bool {
        guard let permittedUntil else { return false }
        return now < permittedUntil
    }

    func isRefused(now: MediaInstant) -> Bool {
        guard let refusedUntil else { return false }
        return now < refusedUntil
    }

    mutating func permitted(now: MediaInstant, renewal: MediaDuration) {
        permittedUntil = now + TURNLimits.permissionLifetime
        renewAt = now + renewal
    }
}
