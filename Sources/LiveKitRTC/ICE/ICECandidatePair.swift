internal import LiveKitCore

/// A local and a remote candidate, and what is known about the path between them (RFC 8445 §6.1.2).
struct ICECandidatePair {
    enum State {
        /// Not to be checked unless the peer checks it or the selected pair falls silent.
        case frozen
        case waiting
        case inProgress
        case succeeded
        case failed
    }

    /// One connectivity check under way.
    struct Check {
        let id: STUNTransactionID
        let bytes: [UInt8]
        let role: ICERole
        let nominates: Bool
        let startedAt: MediaInstant
        let expiresAt: MediaInstant
        var transmissions = 1
        var lastSentAt: MediaInstant
        /// `nil` where the transport itself repeats.
        var retransmitAt: MediaInstant?

        var deadline: MediaInstant { MediaInstant.earliest(retransmitAt, expiresAt) ?? expiresAt }
    }

    let path: ICEPath
    let localPriority: UInt32
    var remotePriority: UInt32
    var state: State
    var check: Check?
    /// Whether an authenticated check passed in either direction: only then DTLS and SRTP are accepted.
    var isValidated = false
    /// The peer nominated the pair before our own check of it succeeded (RFC 8445 §7.3.1.5).
    var isNominationPending = false
    var lastNominatedAt: MediaInstant?
    var lastResponseAt: MediaInstant?

    /// `2^32 MIN(G,D) + 2 MAX(G,D) + (G > D ? 1 : 0)` with G the controlling agent's candidate (RFC 8445 §6.1.2.3).
    func priority(for role: ICERole) -> UInt64 {
        let isControlling = role == .controlling
        let controlling = UInt64(isControlling ? localPriority : remotePriority)
        let controlled = UInt64(isControlling ? remotePriority : localPriority)
        return min(controlling, controlled) << 32 &+ 2 &* max(controlling, controlled)
            &+ (controlling > controlled ? 1 : 0)
    }
}
