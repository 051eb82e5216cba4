internal import LiveKitCore

/// Puts fragments together and ordered messages in order.
///
/// Without interleaving, the fragments of one message have consecutive TSNs (RFC 9260 §6.9), so fragments
/// are kept as runs of neighbours over the whole association; a run from a beginning to an end is a message.
struct ReassemblyQueue {
    private struct IncomingStream {
        /// Which ordered message comes next, counted without wraps.
        var next: Int64 = 0
        /// Whole messages that wait for an earlier one.
        var waiting: [Int64: ReassembledMessage] = [:]

        func position(of number: MessageID, isInterleaved: Bool) -> Int64 {
            let expected = MessageID(rawValue: UInt32(truncatingIfNeeded: next))
            return next
                + Int64(
                    isInterleaved ? expected.distance(to: number) : expected.sequence.distance(to: number.sequence))
        }
    }

    /// A reset of the peer's streams that must wait until everything sent before it has arrived.
    private struct DeferredReset {
        var streams: [StreamID]
        var last: Int64
        /// Messages sent after the reset.
        var held: [ReassembledMessage] = []

        func covers(_ message: ReassembledMessage) -> Bool {
            message.position > last && (streams.isEmpty || streams.contains(message.stream))
        }
    }

    private let isInterleaved: Bool
    /// Bytes of one message, of which no more is taken.
    private let maximumMessageSize: Int
    /// Ascending by position.
    private var runs: [FragmentRun] = []
    private var interleaved = InterleavedMessages()
    private var streams: [StreamID: IncomingStream] = [:]
    private var deferredReset: DeferredReset?
    /// Bytes of messages that wait whole, and of runs, with the overhead charged for each fragment.
    private var waitingBytes = 0
    /// Whether a message exceeds what we announced.
    private(set) var hasOversizedMessage = false

    init(isInterleaved: Bool, maximumMessageSize: Int) {
        self.isInterleaved = isInterleaved
        self.maximumMessageSize = maximumMessageSize
    }

    /// Bytes held back here, with the overhead charged for each fragment.
    var bufferedBytes: Int { waitingBytes + interleaved.cost }

    /// Adds a chunk that was not seen before; returns the messages that can be delivered now.
    mutating func add(_ fragment: DataFragment, at position: Int64) -> [ReassembledMessage] {
        guard let message = assemble(fragment, at: position) else { return [] }
        waitingBytes += message.cost
        return accept(message)
    }

    /// The peer gave up everything up to `position`; returns what no longer waits for it.
    mutating func forward(to position: Int64, skipped: [ForwardPoint.Skipped]) -> [ReassembledMessage] {
        let keptFrom = runs.firstIndexWhere { $0.first > position }
        for run in runs[..<keptFrom] { waitingBytes -= run.cost }
        runs.removeFirst(keptFrom)
        if isInterleaved { interleaved.forward(skipped) }
        var delivered: [ReassembledMessage] = []
        for skip in skipped where !skip.isUnordered { delivered += self.skip(skip) }
        return delivered
    }

    /// The peer starts these streams (none: all) anew, now that everything before has arrived.
    mutating func reset(_ ids: [StreamID]) -> [ReassembledMessage] {
        if ids.isEmpty {
            for stream in streams.values { release(stream) }
            streams.removeAll()
        }
        for id in ids {
            if let stream = streams.removeValue(forKey: id) { release(stream) }
        }
        guard let held = deferredReset?.held else { return [] }
        deferredReset = nil
        return held.flatMap { accept($0) }
    }

    /// The peer starts these streams anew after `position`, up to which something is still missing.
    mutating func deferReset(_ ids: [StreamID], after position: Int64) {
        guard deferredReset == nil else { return }
        deferredReset = DeferredReset(streams: ids, last: position)
    }

    private mutating func release(_ stream: IncomingStream) {
        for message in stream.waiting.values { waitingBytes -= message.cost }
    }

    // MARK: Fragments

    /// - Returns: the message that the fragment completes, whose cost is not counted any longer.
    private mutating func assemble(_ fragment: DataFragment, at position: Int64) -> ReassembledMessage? {
        let run = FragmentRun(fragment, at: position)
        if let message = run.message { return message }
        if isInterleaved {
            defer { if interleaved.largest > maximumMessageSize { hasOversizedMessage = true } }
            return interleaved.add(fragment, at: position)
        }
        waitingBytes += run.cost
        let index = merge(run)
        if runs[index].byteCount > maximumMessageSize { hasOversizedMessage = true }
        guard let message = runs[index].message else { return nil }
        runs.remove(at: index)
        waitingBytes -= message.cost
        return message
    }

    /// Joins a fragment to its neighbours; returns the index of the run that it is now part of.
    private mutating func merge(_ fragment: FragmentRun) -> Int {
        let index = runs.firstIndexWhere { $0.first > fragment.first }
        let joinsBefore = index > 0 && runs[index - 1].continues(into: fragment)
        let joinsAfter = index < runs.count && fragment.continues(into: runs[index])
        switch (joinsBefore, joinsAfter) {
        case (true, true):
            runs[index - 1].append(fragment)
            runs[index - 1].append(runs[index])
            runs.remove(at: index)
            return index - 1
        case (true, false):
            runs[index - 1].append(fragment)
            return index - 1
        case (false, true):
            runs[index].prepend(fragment)
            return index
        case (false, false):
            runs.insert(fragment, at: index)
            return index
        }
    }

    // MARK: Order

    /// Takes a whole message, whose cost is already counted.
    private mutating func accept(_ message: ReassembledMessage) -> [ReassembledMessage] {
        if deferredReset?.covers(message) == true {
            deferredReset?.held.append(message)
            return []
        }
        if message.isUnordered {
            waitingBytes -= message.cost
            return [message]
        }
        var stream = streams.removeValue(forKey: message.stream) ?? IncomingStream()
        defer { streams[message.stream] = stream }
        let position = stream.position(of: message.number, isInterleaved: isInterleaved)
        guard position >= stream.next, stream.waiting[position] == nil else {
            waitingBytes -= message.cost
            return []
        }
        guard position == stream.next else {
            stream.waiting[position] = message
            return []
        }
        waitingBytes -= message.cost
        stream.next += 1
        return [message] + deliverWaiting(&stream)
    }

    private mutating func skip(_ skip: ForwardPoint.Skipped) -> [ReassembledMessage] {
        var stream = streams.removeValue(forKey: skip.stream) ?? IncomingStream()
        defer { streams[skip.stream] = stream }
        let last = stream.position(of: skip.number, isInterleaved: isInterleaved)
        guard last >= stream.next else { return [] }
        var delivered: [ReassembledMessage] = []
        // Whichever is less to look through: the numbers passed, or the messages that wait.
        let passed =
            last - stream.next < Int64(stream.waiting.count)
            ? Array(stream.next...last) : stream.waiting.keys.filter { $0 <= last }.sorted()
        for position in passed {
            guard let message = stream.waiting.removeValue(forKey: position) else { continue }
            waitingBytes -= message.cost
            delivered.append(message)
        }
        stream.next = last + 1
        return delivered + deliverWaiting(&stream)
    }

    private mutating func deliverWaiting(_ stream: inout IncomingStream) -> [ReassembledMessage] {
        guard !stream.waiting.isEmpty else { return [] }
        var delivered: [ReassembledMessage] = []
        while let message = stream.waiting.removeValue(forKey: stream.next) {
            waitingBytes -= message.cost
            stream.next += 1
            delivered.append(message)
        }
        return delivered
    }
}
