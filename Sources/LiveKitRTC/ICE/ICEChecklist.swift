internal import LiveKitCore

/// The pairs of one ICE generation, and in which order they are checked.
///
/// With one component and one stream the freezing by foundation of RFC 8445 §6.1.2.6 would only delay pairs,
/// so pairs start out waiting; frozen are those that selection made needless.
struct ICEChecklist {
    private(set) var remotes: [ICECandidate] = []
    var pairs: [ICECandidatePair] = []
    /// Pairs that the peer has just checked, oldest first (RFC 8445 §6.1.4.1).
    private var triggered: [ICEPath] = []

    /// Pairs that share the pace of checks.
    var activeCount: Int { pairs.count { $0.state == .waiting || $0.state == .inProgress } }
    /// Those among them that the peer has reached us by: they deserve more haste than guesses.
    var activeValidatedCount: Int {
        pairs.count { $0.isValidated && ($0.state == .waiting || $0.state == .inProgress) }
    }
    var hasWaiting: Bool { pairs.contains { $0.state == .waiting } }

    func index(of path: ICEPath) -> Int? {
        pairs.firstIndex { $0.path == path }
    }

    func index(ofCheck id: STUNTransactionID) -> Int? {
        pairs.firstIndex { $0.check?.sentAt(of: id) != nil }
    }

    /// The valid pair of most priority, among those that `isEligible`.
    func bestValid(for role: ICERole, where isEligible: (ICECandidatePair) -> Bool = { _ in true }) -> Int? {
        pairs.indices.filter { pairs[$0].state == .succeeded && isEligible(pairs[$0]) }
            .max { pairs[$0].priority(for: role) < pairs[$1].priority(for: role) }
    }

    // MARK: Candidates

    /// Remembers a peer's candidate. A trickled one replaces what its own check had told of it.
    ///
    /// - Returns: Whether there are pairs to form with it.
    mutating func insert(remote: ICECandidate, keeping kept: ICEPath?) -> Bool {
        let known = remotes.firstIndex { $0.address == remote.address && $0.transport == remote.transport }
        if let known {
            guard remotes[known].kind == .peerReflexive, remote.kind != .peerReflexive else { return false }
            remotes[known] = remote
            for index in pairs.indices
            where pairs[index].path.remote == remote.address && pairs[index].path.transport == remote.transport {
                pairs[index].remotePriority = remote.priority
                if remote.kind == .relayed { pairs[index].isDirect = false }
            }
            return true
        }
        if remotes.count >= ICELimits.remoteCandidates {
            guard remote.kind == .peerReflexive, evictPeerReflexive(keeping: kept) else { return false }
        }
        remotes.append(remote)
        return true
    }

    private mutating func evictPeerReflexive(keeping kept: ICEPath?) -> Bool {
        let index = remotes.firstIndex { remote in
            remote.kind == .peerReflexive && remote.address != kept?.remote
                && !pairs.contains { $0.path.remote == remote.address && $0.check != nil }
        }
        guard let index else { return false }
        let gone = remotes.remove(at: index)
        pairs.removeAll { $0.path.remote == gone.address && $0.path.transport == gone.transport }
        triggered.removeAll { $0.remote == gone.address && $0.transport == gone.transport }
        return true
    }

    // MARK: Pairs

    /// Forgets what goes by a transport that is gone.
    mutating func removePairs(over transport: ICETransport) {
        pairs.removeAll { $0.path.transport == transport }
        triggered.removeAll { $0.transport == transport }
    }

    /// Adds a pair unless it is there.
    ///
    /// - Returns: Its index, or `nil` if the list is full of better ones.
    mutating func insert(_ pair: ICECandidatePair, role: ICERole, keeping kept: ICEPath?) -> Int? {
        if let index = index(of: pair.path) { return index }
        if pairs.count >= ICELimits.pairs {
            let isExpendable = { (old: ICECandidatePair) in
                !old.isValidated && old.check?.nominates != true && old.path != kept
            }
            let least = pairs.indices.filter { isExpendable(pairs[$0]) }
                .min { pairs[$0].priority(for: role) < pairs[$1].priority(for: role) }
            guard let least, pair.isValidated || pairs[least].priority(for: role) < pair.priority(for: role) else {
                return nil
            }
            let gone = pairs.remove(at: least)
            triggered.removeAll { $0 == gone.path }
        }
        pairs.append(pair)
        return pairs.count - 1
    }

    // MARK: Order

    /// Puts a pair at the end of the triggered queue.
    mutating func trigger(_ index: Int) {
        pairs[index].state = .waiting
        pairs[index].check = nil
        let path = pairs[index].path
        if !triggered.contains(path) { triggered.append(path) }
    }

    /// The pair to check next: the oldest triggered one, else the waiting one of most priority.
    mutating func popWaiting(for role: ICERole) -> Int? {
        while !triggered.isEmpty {
            let path = triggered.removeFirst()
            if let index = index(of: path), pairs[index].state == .waiting { return index }
        }
        return pairs.indices.filter { pairs[$0].state == .waiting }
            .max { pairs[$0].priority(for: role) < pairs[$1].priority(for: role) }
    }

    /// Stops what the selection of `path` made needless (RFC 8445 §8.1.2): pairs not yet checked, and checks
    /// of lesser pairs. Better ones than a TCP or relayed pair go on, because media should move there.
    mutating func conclude(with path: ICEPath, role: ICERole) {
        let selected = index(of: path).map { pairs[$0] }
        let bar = selected?.priority(for: role) ?? 0
        let isFinal = selected?.isDirect ?? true
        for index in pairs.indices where pairs[index].path != path {
            let isBetter = pairs[index].priority(for: role) > bar
            switch pairs[index].state {
            case .waiting where isFinal || !isBetter: pairs[index].state = .frozen
            case .inProgress where !isBetter:
                pairs[index].state = .frozen
                pairs[index].check = nil
            default: continue
            }
        }
        triggered = triggered.filter { path in index(of: path).map { pairs[$0].state == .waiting } ?? false }
    }

    /// Has every pair but `path` checked again, because `path` fell silent.
    mutating func thaw(except path: ICEPath) {
        for index in pairs.indices where pairs[index].path != path && pairs[index].check == nil {
            pairs[index].state = .waiting
        }
    }
}
