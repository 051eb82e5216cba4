package import LiveKitCore

/// What arrived of one peer's ``MediaFlow``.
package struct ReceivedFlow {
    /// Which numbers came, by index.
    private var arrived: [Bool] = []
    package private(set) var distinctCount = 0
    package private(set) var duplicateCount = 0
    package private(set) var firstArrivalAt: MediaInstant?
    package private(set) var lastArrivalAt: MediaInstant?
    /// The longest time between two arrivals since ``watchGaps(now:)``.
    package private(set) var longestGap = MediaDuration.zero
    /// When the longest gap ended.
    package private(set) var gapEndedAt: MediaInstant?
    private var gapStart: MediaInstant?

    init() {}

    /// Begins to measure gaps anew.
    mutating func watchGaps(now: MediaInstant) {
        longestGap = .zero
        gapEndedAt = nil
        gapStart = now
    }

    mutating func note(_ number: Int, now: MediaInstant) {
        if let start = gapStart ?? lastArrivalAt, now - start > longestGap {
            longestGap = now - start
            gapEndedAt = now
        }
        gapStart = nil
        firstArrivalAt = firstArrivalAt ?? now
        lastArrivalAt = now
        guard number < 50_000_000 else { return }
        if number >= arrived.count {
            arrived.append(contentsOf: repeatElement(false, count: max(number + 1, arrived.count * 2) - arrived.count))
        }
        if arrived[number] {
            duplicateCount += 1
        } else {
            arrived[number] = true
            distinctCount += 1
        }
    }

    package func has(_ number: Int) -> Bool { arrived.indices.contains(number) && arrived[number] }

    /// How many of the packets numbered in `range` never came.
    package func missing(in range: Range<Int>) -> Int {
        range.count { !has($0) }
    }

    /// The longest silence since ``watchGaps(now:)``, one that lasts still included.
    package func silence(now: MediaInstant) -> MediaDuration {
        guard let last = gapStart ?? lastArrivalAt else { return now - .start }
        return max(longestGap, now - last)
    }
}
