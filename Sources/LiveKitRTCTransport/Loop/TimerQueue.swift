internal import LiveKitCore

/// Which session wants to be woken when: a binary heap with lazy deletion.
///
/// A session that moves its deadline later is not touched; its stale entry pops early and is put back at
/// the true deadline. One that moves it earlier gets a second entry. Nothing allocates once the heap has
/// reached its working size.
struct TimerQueue {
    private struct Entry {
        var deadline: MediaInstant
        var session: Int
    }

    private var heap: [Entry] = []

    var nextDeadline: MediaInstant? { heap.first?.deadline }

    mutating func schedule(_ session: Int, at deadline: MediaInstant) {
        heap.append(Entry(deadline: deadline, session: session))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the next session whose time has come.
    mutating func popDue(now: MediaInstant) -> Int? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.session
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < heap.count {
                if heap[child].deadline < heap[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
