internal import LiveKitCore

/// Puts fragments together and ordered messages in order.
///
/// Without interleaving, the fragments of one message have consecutive TSNs (RFC 9260 §6.9), so fragments
/// are kept as runs of neighbours over the whole association; a run from a beginning to an end is a message.
struct ReassemblyQueue {
    private struct IncomingStream {
        var next: StreamSequenceNumber = .first
        /// Whole messages that wait for an earlier one.
        var waiting: [StreamSequenceNumber: ReassembledMessage] = [:]
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

    /// Ascending by position.
    private var runs: [FragmentRun] = []
    private var streams: [StreamID: IncomingStream] = [:]
    private var deferredReset: DeferredReset?
    /// Bytes held back here, with the overhead charged for each fragment.
    private(set) var bufferedBytes = 0

    /// Adds a chunk that was not seen before; returns the messages that can be delivered now.
    mutating func add(_ chunk: DataChunk, at position: Int64) -> [ReassembledMessage] {
        let fragment = FragmentRun(chunk, at: position)
        if let message = fragment.message {
            bufferedBytes += message.cost
            return accept(message)
        }
        bufferedBytes += fragment.cost
        let index = merge(fragment)
        guard let message = runs[index].message else { return [] }
        runs.remove(at: index)
        return accept(message)
    }

    /// The peer gave up everything up to `position`; returns what no longer waits for it.
    mutating func forward(to position: Int64, skipped: [ForwardTSNChunk.SkippedStream]) -> [ReassembledMessage] {
        let keptFrom = runs.firstIndexWhere { $0.first > position }
        for run in runs[..<keptFrom] { bufferedBytes -= run.cost }
        runs.removeFirst(keptFrom)
        var delivered: [ReassembledMessage] = []
        for skip in skipped { delivered += self.skip(skip) }
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
        for message in stream.waiting.values { bufferedBytes -= message.cost }
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

    /// Takes a whole message, whose cost is already counted.
    private mutating func accept(_ message: ReassembledMessage) -> [ReassembledMessage] {
        if deferredReset?.covers(message) == true {
            deferredReset?.held.append(message)
            return []
        }
        if message.isUnordered {
            bufferedBytes -= message.cost
            return [message]
        }
        var stream = streams.removeValue(forKey: message.stream) ?? IncomingStream()
        defer { streams[message.stream] = stream }
        guard stream.next.distance(to: message.sequence) >= 0, stream.waiting[message.sequence] == nil else {
            bufferedBytes -= message.cost
            return []
        }
        guard message.sequence == stream.next else {
            stream.waiting[message.sequence] = message
            return []
        }
        bufferedBytes -= message.cost
        stream.next = stream.next.next
        return [message] + deliverWaiting(&stream)
    }

    private mutating func skip(_ skip: ForwardTSNChunk.SkippedStream) -> [ReassembledMessage] {
        var stream = streams.removeValue(forKey: skip.stream) ?? IncomingStream()
        defer { streams[skip.stream] = stream }
        guard stream.next.distance(to: skip.sequence) >= 0 else { return [] }
        let passed = stream.waiting.keys.filter { $0.distance(to: skip.sequence) >= 0 }
            .sorted { stream.next.distance(to: $0) < stream.next.distance(to: $1) }
        var delivered: [ReassembledMessage] = []
        for sequence in passed {
            guard let message = stream.waiting.removeValue(forKey: sequence) else { continue }
            bufferedBytes -= message.cost
            delivered.append(message)
        }
        stream.next = skip.sequence.next
        return delivered + deliverWaiting(&stream)
    }

    private mutating func deliverWaiting(_ stream: inout IncomingStream) -> [ReassembledMessage] {
        var delivered: [ReassembledMessage] = []
        while let message = stream.waiting.removeValue(forKey: stream.next) {
            bufferedBytes -= message.cost
            stream.next = stream.next.next
            delivered.append(message)
        }
        return delivered
    }
}
