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
        /// Of the first copy; the lowest byte counts the others.
        let id: STUNTransactionID
        let role: ICERole
        let nominates: Bool
        let startedAt: MediaInstant
        let expiresAt: MediaInstant
        /// When each copy went.
        var sentAt: [MediaInstant]
        /// `nil` where the transport itself repeats.
        var retransmitAt: MediaInstant?

        var deadline: MediaInstant { MediaInstant.earliest(retransmitAt, expiresAt) ?? expiresAt }

        /// The id of a copy. Copies differ in it, as they do in libwebrtc, so that an answer tells which one it is to.
        func id(ofCopy number: Int) -> STUNTransactionID {
            STUNTransactionID(high: id.high, low: id.low & ~0xFF | UInt64(number & 0xFF))
        }

        /// When the copy with that id went, if it is one of this check.
        func sentAt(of copy: STUNTransactionID) -> MediaInstant? {
            let number = Int(copy.low & 0xFF)
            guard sentAt.indices.contains(number), copy == id(ofCopy: number) else { return nil }
            return sentAt[number]
        }
    }

    let path: ICEPath
    /// Whether media goes straight to the peer. A pair over TCP or a relay, ours or the peer's, is a stopgap that a
    /// direct one replaces.
    var isDirect: Bool
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

    init(_ local: ICECandidate, _ remote: ICECandidate, state: State) {
        path = ICEPath(local: local.base, remote: remote.address, transport: local.transport)
        isDirect = local.transport == .udp && remote.kind != .relayed
        localPriority = local.priority
        remotePriority = remote.priority
        self.state = state
    }

    /// `2^32 MIN(G,D) + 2 MAX(G,D) + (G > D ? 1 : 0)` with G the controlling agent's candidate (RFC 8445 §6.1.2.3).
    func priority(for role: ICERole) -> UInt64 {
        let isControlling = role == .controlling
        let controlling = UInt64(isControlling ? localPriority : remotePriority)
        let controlled = UInt64(isControlling ? remotePriority : localPriority)
        return min(controlling, controlled) << 32 &+ 2 &* max(controlling, controlled)
            &+ (controlling > controlled ? 1 : 0)
    }
}
