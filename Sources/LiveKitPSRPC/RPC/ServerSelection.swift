internal import LiveKitCore
internal import LiveKitProtobuf

/// Chooses one of the servers that bid for a request.
///
/// A machine on given time. The highest bid wins when time is up; the earliest of equals. A bid of nothing wins only where
/// the first is taken.
struct ServerSelection: Sendable {
    private let selection: RPCSelection
    private let end: MediaInstant
    private var shortEnd: MediaInstant?
    private var best: (server: String, affinity: Float)?
    private var bids = 0
    private var failure: RPCError?
    /// Who was chosen, or why nobody was.
    private(set) var outcome: Result<String, RPCError>?

    /// The call's end ends bidding too.
    init(_ selection: RPCSelection, end: MediaInstant, now: MediaInstant) {
        self.selection = selection
        self.end = min(end, selection.affinityTimeout.map { now + $0 } ?? end)
    }

    var deadline: MediaInstant? { outcome == nil ? MediaInstant.earliest(end, shortEnd) : nil }

    mutating func receive(_ bid: PSRPCClaimRequest, now: MediaInstant) {
        guard outcome == nil else { return }
        bids += 1
        guard selection.minimumAffinity <= 0 || bid.affinity >= selection.minimumAffinity else { return }
        let isEnough = selection.maximumAffinity > 0 && bid.affinity >= selection.maximumAffinity
        guard !selection.acceptsFirst, !isEnough else {
            outcome = .success(bid.serverID)
            return
        }
        if bid.affinity > best?.affinity ?? 0 { best = (bid.serverID, bid.affinity) }
        if shortEnd == nil, let timeout = selection.shortCircuitTimeout { shortEnd = now + timeout }
    }

    /// A server that could not even read the request; others may.
    mutating func receive(_ failure: RPCError) { self.failure = failure }

    mutating func handleTimeout(now: MediaInstant) {
        guard let deadline, deadline <= now else { return }
        if let best {
            outcome = .success(best.server)
        } else if let failure {
            outcome = .failure(failure)
        } else if bids > 0 {
            outcome = .failure(.unclaimed("no servers available (received \(bids) responses)"))
        } else {
            outcome = .failure(.noResponse)
        }
    }
}
