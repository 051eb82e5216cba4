internal import LiveKitCore

/// Which chunks have arrived: everything up to the cumulative TSN, and runs beyond it.
///
/// Positions are TSNs unwrapped to 64 bits, so that they can be compared and sorted.
///
/// - SeeAlso: [RFC 9260 §6.2](https://www.rfc-editor.org/rfc/rfc9260#section-6.2).
struct ReceivedTSNs {
    enum Observation: Hashable {
        case new
        case duplicate
        /// Too far ahead, or one gap too many: as if it had been lost.
        case refused
    }

    private(set) var cumulative: Int64
    /// Ascending, with at least one missing position between neighbours.
    private var runs: [ClosedRange<Int64>] = []
    private var duplicates: [TSN] = []

    init(peerInitialTSN: TSN) {
        cumulative = Int64(peerInitialTSN.rawValue) - 1
    }

    var cumulativeTSN: TSN { TSN(rawValue: UInt32(truncatingIfNeeded: cumulative)) }
    var hasGaps: Bool { !runs.isEmpty }
    var hasDuplicates: Bool { !duplicates.isEmpty }

    func position(of tsn: TSN) -> Int64 {
        cumulative + Int64(cumulativeTSN.distance(to: tsn))
    }

    mutating func observe(_ tsn: TSN) -> Observation {
        let position = position(of: tsn)
        guard position <= cumulative + Int64(SCTPLimits.receivedAhead) else { return .refused }
        guard position > cumulative else { return noteDuplicate(tsn) }
        if position == cumulative + 1 {
            cumulative = position
            absorb()
            return .new
        }
        // The index of the first run that ends at or after the position before this one.
        let index = runs.firstIndexWhere { $0.upperBound >= position - 1 }
        guard index < runs.count else { return insert(position...position, at: index) }
        let run = runs[index]
        if run.contains(position) { return noteDuplicate(tsn) }
        if run.upperBound == position - 1 {
            extend(at: index, to: position)
        } else if run.lowerBound == position + 1 {
            runs[index] = position...run.upperBound
        } else {
            return insert(position...position, at: index)
        }
        return .new
    }

    /// The sender gave up everything up to `tsn`.
    ///
    /// - Returns: whether that was news.
    mutating func forward(to tsn: TSN) -> Bool {
        let position = position(of: tsn)
        guard position > cumulative else { return false }
        cumulative = position
        absorb()
        return true
    }

    /// The SACK that says all this. Duplicates are reported once.
    mutating func acknowledgement(receiverWindow: UInt32) -> SelectiveAckChunk {
        defer { duplicates.removeAll(keepingCapacity: true) }
        let blocks = runs.prefix(SCTPLimits.gapBlocks).map { run in
            SelectiveAckChunk.GapBlock(
                start: UInt16(clamping: run.lowerBound - cumulative), end: UInt16(clamping: run.upperBound - cumulative)
            )
        }
        return SelectiveAckChunk(
            cumulativeTSN: cumulativeTSN, receiverWindow: receiverWindow, gapBlocks: blocks, duplicates: duplicates)
    }

    private mutating func noteDuplicate(_ tsn: TSN) -> Observation {
        if duplicates.count < SCTPLimits.duplicates { duplicates.append(tsn) }
        return .duplicate
    }

    private mutating func insert(_ run: ClosedRange<Int64>, at index: Int) -> Observation {
        guard runs.count < SCTPLimits.receivedRuns else { return .refused }
        runs.insert(run, at: index)
        return .new
    }

    private mutating func extend(at index: Int, to position: Int64) {
        let next = index + 1
        if next < runs.count, runs[next].lowerBound == position + 1 {
            runs[index] = runs[index].lowerBound...runs[next].upperBound
            runs.remove(at: next)
        } else {
            runs[index] = runs[index].lowerBound...position
        }
    }

    /// Moves the cumulative position over the runs that it has reached.
    private mutating func absorb() {
        var reached = 0
        for run in runs {
            guard run.lowerBound <= cumulative + 1 else { break }
            cumulative = max(cumulative, run.upperBound)
            reached += 1
        }
        runs.removeFirst(reached)
    }
}

extension Array {
    /// The first index whose element satisfies a condition that holds for all elements after it too.
    func firstIndexWhere(_ condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
