internal import LiveKitCore

/// Gives one subscriber an unbroken run of sequence numbers, whatever layers it is cut from and whatever
/// is left out on the way.
///
/// Source numbers are extended to 64 bits by the receive side. A run maps by one offset; leaving a packet
/// out, or switching to another source, starts a new run. The last ``runLimit`` runs are kept so that late
/// packets and retransmissions still find theirs.
struct SequenceRewriter {
    private struct Run {
        /// The first source number of the run.
        var start: Int64
        /// The last one, once another source took over: what comes later would take numbers of the new run.
        var end: Int64 = .max
        /// Outgoing = source + offset. Meaningless in a run that is left out.
        var offset: Int64
        var isDropped: Bool
        /// Which source the run belongs to: numbers of different layers say nothing about one another.
        var source: Int
    }

    /// Older packets than this many cuts ago are too late for any jitter buffer.
    private static let runLimit = 64

    private var runs: [Run] = []
    private var highestSource: Int64 = .min
    /// The highest outgoing number so far, extended.
    private(set) var highestOut: Int64

    /// - Parameter first: the first outgoing number.
    init(first: UInt16) {
        highestOut = Int64(first) - 1
        runs.reserveCapacity(Self.runLimit + 1)
    }

    /// Continues with another source, whose packet `first` follows the highest number sent so far.
    mutating func switchSource(to source: Int, first: Int64) {
        if let last = runs.indices.last { runs[last].end = highestSource }
        append(Run(start: first, offset: highestOut + 1 - first, isDropped: false, source: source))
        highestSource = first - 1
    }

    /// The outgoing number of a packet, or `nil` when it belongs to no run that is still known.
    mutating func map(_ number: Int64, source: Int) -> Int64? {
        guard let out = lookUp(number, source: source) else { return nil }
        highestSource = max(highestSource, number)
        highestOut = max(highestOut, out)
        return out
    }

    /// The next number, for a packet that comes from no source. Whatever comes after it must begin anew, by
    /// ``switchSource(to:first:)``.
    mutating func insert() -> Int64 {
        if let last = runs.indices.last { runs[last].end = highestSource }
        highestOut += 1
        return highestOut
    }

    /// Leaves a packet out so that no gap shows. A packet that comes late has its number taken already and
    /// keeps it; the gap is what the receiver then sees.
    mutating func drop(_ number: Int64, source: Int) {
        guard let last = runs.last, last.source == source, number > highestSource else { return }
        let isAdjacent = number == highestSource + 1
        defer { highestSource = number }
        // The dropped run grows; the run after it has not begun.
        if last.isDropped, isAdjacent { return }
        if last.isDropped { resume(after: last) }
        append(Run(start: number, offset: runs.last?.offset ?? last.offset, isDropped: true, source: source))
    }

    /// Begins the run behind dropped packets. What lies between them and the packet that makes it begin is only late:
    /// its numbers stay reserved.
    private mutating func resume(after dropped: Run) {
        let count = highestSource - dropped.start + 1
        append(Run(start: highestSource + 1, offset: dropped.offset - count, isDropped: false, source: dropped.source))
    }

    private mutating func append(_ run: Run) {
        runs.append(run)
        if runs.count > Self.runLimit { runs.removeFirst() }
    }

    private mutating func lookUp(_ number: Int64, source: Int) -> Int64? {
        guard let last = runs.last, last.source == source else { return nil }
        if last.isDropped, number > highestSource { resume(after: last) }
        for run in runs.reversed() where run.source == source {
            if run.start <= number { return run.isDropped || number > run.end ? nil : number + run.offset }
        }
        return nil
    }
}
