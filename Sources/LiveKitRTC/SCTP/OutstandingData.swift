internal import LiveKitCore

/// A chunk that was sent and is not yet covered by the peer's cumulative TSN.
struct OutstandingChunk {
    enum State: Hashable {
        case inFlight
        /// Reported in a gap block.
        case acknowledged
        /// To be sent again.
        case lost
        /// Given up; the peer is told by FORWARD TSN.
        case abandoned
    }

    var fragment: DataFragment
    /// Bytes of the packet that it takes, padding included.
    var size: Int
    var message: UInt64
    var maximumRetransmits: UInt32?
    var expiresAt: MediaInstant?
    var state: State
    var sentAt: MediaInstant
    var transmissions: UInt32 = 1
    /// SACKs that reported newer chunks but not this one, since it was last sent.
    var missingReports = 0
    /// The TSN that was next when this chunk was last sent: only younger ones prove that it is missing.
    var sentBefore: TSN

    var mayRetransmit: Bool { maximumRetransmits.map { transmissions <= $0 } ?? true }
}

/// The chunks sent and not yet cumulatively acknowledged, in order of TSN without holes.
///
/// - SeeAlso: [RFC 9260 §6.2.1](https://www.rfc-editor.org/rfc/rfc9260#section-6.2.1),
///   [RFC 3758 §3.5](https://www.rfc-editor.org/rfc/rfc3758#section-3.5).
struct OutstandingData {
    /// What a SACK changed.
    struct Outcome {
        var advancedCumulative = false
        var acknowledgedBytes = 0
        var roundTrip: MediaDuration?
        /// Whether chunks were found lost by missing reports.
        var foundLoss = false
        fileprivate var newestAcknowledged: TSN?
    }

    /// RFC 9260 §7.2.4.
    private static let missingReportsToRetransmit = 3

    private var items = RingQueue<OutstandingChunk>()
    private(set) var cumulativeTSN: TSN
    private(set) var bytesInFlight = 0
    /// Bytes of payload held, in whichever state.
    private(set) var heldBytes = 0
    private(set) var lostCount = 0
    /// Where the search for lost chunks begins: none is before.
    private var lostFrom = 0
    /// How many of the chunks have a lifetime.
    private var expiringCount = 0
    /// Messages given up since they were last taken, of which a rest may still wait to be sent.
    private var abandonedMessages: [AbandonedMessage] = []
    /// Whether the peer understands FORWARD TSN; without it everything is reliable.
    let mayAbandon: Bool
    /// Whether the chunks of a message may have others between them.
    let isInterleaved: Bool

    init(initialTSN: TSN, mayAbandon: Bool, isInterleaved: Bool) {
        cumulativeTSN = initialTSN.advanced(by: -1)
        self.mayAbandon = mayAbandon
        self.isInterleaved = isInterleaved
    }

    var isEmpty: Bool { items.isEmpty }
    var hasLost: Bool { lostCount > 0 }
    var nextTSN: TSN { cumulativeTSN.advanced(by: items.count + 1) }
    /// Whether the oldest outstanding chunk was given up, so that the peer must be told.
    var needsForward: Bool { items.first?.state == .abandoned }

    mutating func takeAbandonedMessages() -> [AbandonedMessage] {
        guard !abandonedMessages.isEmpty else { return [] }
        defer { abandonedMessages.removeAll() }
        return abandonedMessages
    }

    /// Adds a chunk, numbered ``nextTSN``.
    mutating func append(_ item: OutstandingChunk) {
        items.append(item)
        heldBytes += item.fragment.payload.count
        if item.state == .inFlight { bytesInFlight += item.size }
        if item.expiresAt != nil { expiringCount += 1 }
    }

    // MARK: Acknowledgement

    /// - Returns: `nil` for a SACK that is older than what is known, or of chunks never sent.
    mutating func acknowledge(_ sack: SelectiveAckChunk, inRecovery: Bool, now: MediaInstant) -> Outcome? {
        let advance = cumulativeTSN.distance(to: sack.cumulativeTSN)
        guard advance >= 0, advance <= items.count else { return nil }
        var outcome = Outcome()
        outcome.advancedCumulative = advance > 0
        for _ in 0..<advance { removeFirst(&outcome, now: now) }
        cumulativeTSN = sack.cumulativeTSN
        let newestReported = acknowledge(sack.gapBlocks, &outcome, now: now)
        if let newestReported, let newestAcknowledged = outcome.newestAcknowledged {
            // RFC 9260 §7.2.4: strictly, chunks count as missing below the newest one acknowledged just now;
            // during recovery, when the cumulative TSN moved, below everything reported.
            let below = inRecovery && outcome.advancedCumulative ? newestReported : newestAcknowledged
            outcome.foundLoss = countMissing(below: below)
        }
        return outcome
    }

    private mutating func removeFirst(_ outcome: inout Outcome, now: MediaInstant) {
        guard let item = items.first else { return }
        note(item, acknowledgedIn: &outcome, now: now)
        if item.state == .lost { lostCount -= 1 }
        if item.expiresAt != nil { expiringCount -= 1 }
        heldBytes -= item.fragment.payload.count
        items.popFirst()
        lostFrom = max(0, lostFrom - 1)
    }

    private mutating func note(_ item: OutstandingChunk, acknowledgedIn outcome: inout Outcome, now: MediaInstant) {
        guard item.state == .inFlight || item.state == .lost else { return }
        if item.state == .inFlight { bytesInFlight -= item.size }
        outcome.acknowledgedBytes += item.size
        outcome.newestAcknowledged = item.fragment.tsn
        // Karn's rule: after a retransmission nobody knows which of the two was answered.
        if item.transmissions == 1 { outcome.roundTrip = now - item.sentAt }
    }

    /// - Returns: the newest TSN that the blocks report.
    private mutating func acknowledge(
        _ blocks: [SelectiveAckChunk.GapBlock], _ outcome: inout Outcome, now: MediaInstant
    ) -> TSN? {
        var reported = 0
        for block in blocks {
            let start = max(Int(block.start), reported + 1)
            let end = min(Int(block.end), items.count)
            guard start <= end else { continue }
            for position in start - 1..<end where items[position].state != .acknowledged {
                acknowledge(at: position, &outcome, now: now)
            }
            reported = end
        }
        return reported > 0 ? cumulativeTSN.advanced(by: reported) : nil
    }

    private mutating func acknowledge(at position: Int, _ outcome: inout Outcome, now: MediaInstant) {
        var item = items[position]
        guard item.state != .abandoned else { return }
        note(item, acknowledgedIn: &outcome, now: now)
        if item.state == .lost { lostCount -= 1 }
        item.state = .acknowledged
        items[position] = item
    }

    // MARK: Loss

    private mutating func countMissing(below tsn: TSN) -> Bool {
        var foundLoss = false
        let end = min(cumulativeTSN.distance(to: tsn) - 1, items.count)
        guard end > 0 else { return false }
        for position in 0..<end where items[position].state == .inFlight {
            guard items[position].sentBefore.distance(to: tsn) >= 0 else { continue }
            items[position].missingReports += 1
            guard items[position].missingReports >= Self.missingReportsToRetransmit else { continue }
            markLost(at: position)
            foundLoss = true
        }
        return foundLoss
    }

    /// The retransmission timer expired: nothing in flight is believed in any longer.
    mutating func markAllLost() {
        for position in 0..<items.count where items[position].state == .inFlight { markLost(at: position) }
        guard lostCount == 0, !needsForward else { return }
        // The peer reported everything and yet does not move on, so it took something back (RFC 9260 §6.2).
        for position in 0..<items.count where items[position].state == .acknowledged {
            items[position].state = .lost
            lostCount += 1
        }
        lostFrom = 0
    }

    private mutating func markLost(at position: Int) {
        let item = items[position]
        bytesInFlight -= item.size
        items[position].state = .lost
        lostCount += 1
        lostFrom = min(lostFrom, position)
        if mayAbandon && !item.mayRetransmit { abandonMessage(at: position) }
    }

    /// Gives up what is lost and past its lifetime.
    ///
    /// - Returns: whether there was such.
    mutating func expire(now: MediaInstant) -> Bool {
        guard mayAbandon, lostCount > 0, expiringCount > 0 else { return false }
        var hasExpired = false
        for position in 0..<items.count where items[position].state == .lost {
            guard let expiresAt = items[position].expiresAt, now >= expiresAt else { continue }
            abandonMessage(at: position)
            hasExpired = true
        }
        return hasExpired
    }

    /// Gives up the message that the newest chunk belongs to.
    mutating func abandonNewestMessage() {
        guard !items.isEmpty else { return }
        abandonMessage(at: items.count - 1)
    }

    /// Gives up all that was sent of the message of the chunk at `position`.
    private mutating func abandonMessage(at position: Int) {
        let message = items[position].message
        abandonedMessages.append(AbandonedMessage(id: message, stream: items[position].fragment.stream))
        if isInterleaved {
            for other in 0..<items.count where items[other].message == message { abandon(at: other) }
            return
        }
        // Without interleaving its chunks are neighbours.
        var first = position
        while first > 0, items[first - 1].message == message { first -= 1 }
        var next = first
        while next < items.count, items[next].message == message {
            abandon(at: next)
            next += 1
        }
    }

    private mutating func abandon(at position: Int) {
        switch items[position].state {
        case .inFlight: bytesInFlight -= items[position].size
        case .lost: lostCount -= 1
        case .acknowledged: break
        case .abandoned: return
        }
        items[position].state = .abandoned
        heldBytes -= items[position].fragment.payload.count
        items[position].fragment.payload = []
    }

    // MARK: Sending again

    /// The position of the oldest lost chunk.
    private mutating func findLost() -> Int? {
        guard lostCount > 0 else { return nil }
        while lostFrom < items.count {
            if items[lostFrom].state == .lost { return lostFrom }
            lostFrom += 1
        }
        return nil
    }

    /// The size of the oldest lost chunk.
    mutating func nextLostSize() -> Int? {
        findLost().map { items[$0].size }
    }

    /// Takes the oldest lost chunk, in flight from now on again.
    mutating func retransmit(now: MediaInstant) -> DataFragment? {
        guard let position = findLost() else { return nil }
        var item = items[position]
        item.state = .inFlight
        item.sentAt = now
        item.transmissions &+= 1
        item.missingReports = 0
        item.sentBefore = nextTSN
        items[position] = item
        lostCount -= 1
        bytesInFlight += item.size
        return item.fragment
    }

    /// What to tell the peer of the chunks given up at the front.
    func forward() -> ForwardPoint? {
        guard needsForward else { return nil }
        var point = ForwardPoint(newCumulativeTSN: cumulativeTSN, skipped: [])
        var slots: [SkippedSlot: Int] = [:]
        for position in 0..<items.count {
            guard items[position].state == .abandoned else { break }
            let fragment = items[position].fragment
            let slot = SkippedSlot(stream: fragment.stream, isUnordered: fragment.isUnordered)
            if let index = slots[slot] {
                if point.skipped[index].number.distance(to: fragment.number) > 0 {
                    point.skipped[index].number = fragment.number
                }
            } else if isInterleaved || !fragment.isUnordered {
                guard slots.count < SCTPLimits.skippedStreams else { break }
                slots[slot] = point.skipped.count
                point.skipped.append(
                    .init(stream: fragment.stream, isUnordered: fragment.isUnordered, number: fragment.number))
            }
            point.newCumulativeTSN = fragment.tsn
        }
        return point
    }
}

/// A message that was given up before all of it was sent.
struct AbandonedMessage: Hashable {
    var id: UInt64
    var stream: StreamID
}

/// Messages that a FORWARD TSN names by the newest of them.
private struct SkippedSlot: Hashable {
    var stream: StreamID
    var isUnordered: Bool
}
