import LiveKitCore
import LiveKitRTC

@testable import LiveKitServerKit

/// A storm of joins on simulated time: a node that does one step of one join after the other, and clients that give up.
///
/// A join has eight steps, between which the network takes its time. A step whose client has given up is work all the same;
/// so are refusals, a little. The heartbeat waits in the same queue.
struct JoinStorm {
    struct Outcome {
        var finished = 0
        /// Admitted, and not ACTIVE before the client gave up.
        var failed = 0
        var refused = 0
        /// How many finished in each second.
        var bySecond: [Int]
        var longest: MediaDuration = .zero
    }

    /// Joins that the node can do in a second if it does nothing else.
    var capacity: Double
    /// Joins that begin in a second, at each second.
    var arrivals: (Int) -> Double
    var seconds = 20
    /// Without it every join is admitted.
    var isControlled = true
    var networkDelay: MediaDuration = .milliseconds(20)
    var clientPatience: MediaDuration = .seconds(10)

    private static let steps = 8
    private static let refusalCost = 0.01

    private enum Work {
        case arrival
        case step(Int, left: Int)
        case beat
    }

    private struct Join {
        var beganAt: MediaInstant
        var ticket: JoinAdmission.Ticket?
        var name: ParticipantSID
    }

    func run(seed: UInt64) -> Outcome {
        var random = DeterministicRandom(seed: seed)
        var outcome = Outcome(bySecond: Array(repeating: 0, count: seconds))
        var admission = JoinAdmission(now: .start)
        var joins: [Join] = []
        var queue = WorkQueue<Work>()
        let end = MediaInstant.start + .seconds(Int64(seconds))
        for second in 0..<seconds {
            let count = Int(arrivals(second))
            for _ in 0..<count {
                let offset = Int64(random.next() % 1_000_000_000)
                queue.add(.arrival, at: .start + .seconds(Int64(second)) + MediaDuration(nanoseconds: offset))
            }
        }
        queue.add(.beat, at: .start + JoinAdmission.beatInterval)
        var now = MediaInstant.start
        let step = 1 / capacity / Double(Self.steps)
        while let (work, ready) = queue.pop(), now < end {
            now = max(now, ready)
            switch work {
            case .beat:
                admission.beat(now: now)
                queue.add(.beat, at: now + JoinAdmission.beatInterval)
            case .arrival:
                let ticket = try? admission.begin(now: now)
                guard ticket != nil || !isControlled else {
                    outcome.refused += 1
                    now = now + Self.duration(Self.refusalCost / capacity)
                    continue
                }
                // It was sent when it came to the queue, and waits since then.
                let name = ParticipantSID(rawValue: "\(joins.count)")
                if let ticket { admission.bind(ticket, to: name) }
                joins.append(Join(beganAt: ready, ticket: ticket, name: name))
                now = now + Self.duration(step)
                queue.add(.step(joins.count - 1, left: Self.steps - 1), at: now + networkDelay)
            case .step(let index, let left):
                now = now + Self.duration(step)
                let age = now - joins[index].beganAt
                if age > clientPatience {
                    // Nobody is at the other end; what is left of it is not asked for.
                    admission.left(joins[index].name)
                    outcome.failed += 1
                } else if left > 1 {
                    queue.add(.step(index, left: left - 1), at: now + networkDelay)
                } else {
                    admission.becameActive(joins[index].name, now: now)
                    outcome.finished += 1
                    outcome.longest = max(outcome.longest, age)
                    let second = Int((now - .start).seconds)
                    if outcome.bySecond.indices.contains(second) { outcome.bySecond[second] += 1 }
                }
            }
        }
        return outcome
    }

    private static func duration(_ seconds: Double) -> MediaDuration {
        MediaDuration(nanoseconds: Int64(seconds * 1e9))
    }
}

/// What is to be done, in the order in which it is ready: a binary heap.
private struct WorkQueue<Work> {
    private var heap: [(work: Work, ready: MediaInstant, order: Int)] = []
    private var count = 0

    mutating func add(_ work: Work, at ready: MediaInstant) {
        heap.append((work, ready, count))
        count += 1
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (work: Work, ready: MediaInstant)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.work, first.ready) }
        heap[0] = last
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { precedes($0, $1) }), precedes(least, parent) else { break }
            heap.swapAt(least, parent)
            parent = least
        }
        return (first.work, first.ready)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].ready, heap[left].order) < (heap[right].ready, heap[right].order)
    }
}
