package import LiveKitCore

/// Events by time; those of one instant leave in the order in which they came. A binary heap: logarithmic both ways.
package struct EventQueue<Event> {
    private struct Entry {
        var at: MediaInstant
        var order: UInt64
        var event: Event

        func isBefore(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    private var heap: [Entry] = []
    private var inserted: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }
    /// When the first event is due.
    package var nextAt: MediaInstant? { heap.first?.at }

    package mutating func insert(_ event: Event, at: MediaInstant) {
        heap.append(Entry(at: at, order: inserted, event: event))
        inserted += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first event if it is due by `end`.
    package mutating func next(until end: MediaInstant) -> (at: MediaInstant, event: Event)? {
        guard let first = heap.first, first.at <= end else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left].isBefore(heap[least]) { least = left }
            if left + 1 < heap.count, heap[left + 1].isBefore(heap[least]) { least = left + 1 }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
