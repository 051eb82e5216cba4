internal import LiveKitCore

/// One request of a ``TURNAllocation`` that waits for its response.
struct TURNTransaction {
    enum Purpose: Hashable {
        case allocate
        case refresh
        /// A Refresh out of turn.
        case probe
        case giveBack
        case permit(TransportAddress)
        case bind(TransportAddress, UInt16)

        /// The peer that it is about.
        var peer: TransportAddress? {
            switch self {
            case .permit(let peer), .bind(let peer, _): peer
            case .allocate, .refresh, .probe, .giveBack: nil
            }
        }
    }

    let id: STUNTransactionID
    let purpose: Purpose
    let bytes: [UInt8]
    let isAuthenticated: Bool
    /// Nonces refused on the way here.
    let staleNonces: Int
    private let limit: Int
    private let lastWait: MediaDuration
    private var interval: MediaDuration
    private let backsOff: Bool
    private var sent = 1
    /// When it is sent again, or given up.
    private(set) var deadline: MediaInstant

    init(
        id: STUNTransactionID, purpose: Purpose, bytes: [UInt8], isAuthenticated: Bool, staleNonces: Int,
        configuration: TURNAllocationConfiguration, now: MediaInstant
    ) {
        self.id = id
        self.purpose = purpose
        self.bytes = bytes
        self.isAuthenticated = isAuthenticated
        self.staleNonces = staleNonces
        backsOff = purpose != .probe
        interval = purpose == .probe ? configuration.probeInterval : configuration.retransmission
        if configuration.transport.isStream {
            // The stream repeats what is lost (RFC 8489 §6.2.2).
            limit = 1
            lastWait = purpose == .probe ? configuration.streamProbeTimeout : configuration.streamTimeout
        } else {
            limit = Self.limit(purpose, configuration)
            lastWait = purpose == .probe ? interval : configuration.retransmission * configuration.lastWait
        }
        deadline = now + (limit > 1 ? interval : lastWait)
    }

    private static func limit(_ purpose: Purpose, _ configuration: TURNAllocationConfiguration) -> Int {
        switch purpose {
        case .giveBack: configuration.maximumFarewells
        case .probe: configuration.maximumProbes
        case .allocate, .refresh, .permit, .bind: configuration.maximumRequests
        }
    }

    enum Step { case wait, sendAgain, giveUp }

    /// What is due.
    mutating func advance(now: MediaInstant) -> Step {
        guard deadline <= now else { return .wait }
        guard sent < limit else { return .giveUp }
        sent += 1
        if backsOff { interval = interval * 2 }
        deadline = now + (sent < limit ? interval : lastWait)
        return .sendAgain
    }
}
