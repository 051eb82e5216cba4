internal import LiveKitCore

/// The sending half of an association: what is outstanding, how much more may be, and when to send again.
///
/// - SeeAlso: [RFC 9260 §6.1](https://www.rfc-editor.org/rfc/rfc9260#section-6.1),
///   [§6.3](https://www.rfc-editor.org/rfc/rfc9260#section-6.3).
struct RetransmissionQueue {
    private var outstanding: OutstandingData
    private var congestion: CongestionWindow
    /// T3-rtx.
    private var timer = BackoffTimer()
    /// The peer's window, from which everything in flight is still to be taken.
    private(set) var advertisedWindow: Int
    /// Whether the next packet of retransmissions goes out whatever the window (RFC 9260 §7.2.4).
    private var isFastRetransmitDue = false
    private var isForwardDue = false

    init(initialTSN: TSN, receiverWindow: UInt32, packetSize: Int, mayAbandon: Bool) {
        outstanding = OutstandingData(initialTSN: initialTSN, mayAbandon: mayAbandon)
        congestion = CongestionWindow(packetSize: packetSize)
        advertisedWindow = Int(receiverWindow)
    }

    var congestionWindow: Int { congestion.size }
    var lastAssignedTSN: TSN { outstanding.nextTSN.advanced(by: -1) }
    var isEmpty: Bool { outstanding.isEmpty }
    var heldBytes: Int { outstanding.heldBytes }
    var deadline: MediaInstant? { timer.deadline }
    /// Timeouts since the peer last acknowledged something.
    var expirations: Int { timer.expirations }

    // MARK: What may be sent

    /// Whether a new chunk of `size` bytes may go. Lost ones go first.
    func admitsNew(size: Int) -> Bool {
        !outstanding.hasLost && admits(size)
    }

    /// Whether a lost chunk may go again.
    var admitsLost: Bool {
        guard let size = outstanding.nextLostSize else { return false }
        return isFastRetransmitDue || admits(size)
    }

    private func admits(_ size: Int) -> Bool {
        // With nothing in flight one chunk may always go: it probes a closed window (RFC 9260 §6.1 A).
        if outstanding.bytesInFlight == 0 { return true }
        return outstanding.bytesInFlight < congestion.size && outstanding.bytesInFlight + size <= advertisedWindow
    }

    // MARK: Sending

    /// The next lost chunk, if it may go and fits `room`.
    mutating func nextLost(room: Int, now: MediaInstant, timeout: RetransmissionTimeout) -> DataChunk? {
        guard admitsLost, let size = outstanding.nextLostSize, size <= room else { return nil }
        // A fast retransmit begins the wait anew (RFC 9260 §7.2.4).
        if isFastRetransmitDue { timer.stop() }
        let chunk = outstanding.retransmit(now: now)
        runTimer(now: now, timeout: timeout)
        return chunk
    }

    /// A packet is complete, and with it the privilege of a fast retransmit is used up.
    mutating func completedPacket() {
        isFastRetransmitDue = false
    }

    /// Numbers the next piece of `message` and counts it as in flight.
    mutating func send(
        _ message: OutgoingMessage, payload: [UInt8], isBeginning: Bool, isEnd: Bool, now: MediaInstant,
        timeout: RetransmissionTimeout
    ) -> DataChunk {
        let chunk = chunk(of: message, payload: payload, isBeginning: isBeginning, isEnd: isEnd)
        append(chunk, of: message, state: .inFlight, now: now)
        runTimer(now: now, timeout: timeout)
        return chunk
    }

    /// A message was given up halfway. An end that is never sent stands for the rest, so that a FORWARD TSN
    /// can name the message even if all that was sent of it is acknowledged.
    mutating func giveUpRest(of message: OutgoingMessage, now: MediaInstant, timeout: RetransmissionTimeout) {
        let chunk = chunk(of: message, payload: [], isBeginning: false, isEnd: true)
        append(chunk, of: message, state: .abandoned, now: now)
        outstanding.abandonNewestMessage()
        noteAbandoned()
        runTimer(now: now, timeout: timeout)
    }

    /// Gives up lost chunks whose lifetime is over.
    mutating func expire(now: MediaInstant) {
        if outstanding.expire(now: now) { noteAbandoned() }
    }

    mutating func takeAbandonedMessages() -> [UInt64] {
        outstanding.takeAbandonedMessages()
    }

    var hasForward: Bool { isForwardDue && outstanding.needsForward }

    mutating func takeForward() -> ForwardTSNChunk? {
        guard isForwardDue else { return nil }
        isForwardDue = false
        return outstanding.forward()
    }

    private func chunk(of message: OutgoingMessage, payload: [UInt8], isBeginning: Bool, isEnd: Bool) -> DataChunk {
        DataChunk(
            tsn: outstanding.nextTSN, stream: message.stream, sequence: message.sequence,
            payloadProtocol: message.payloadProtocol, isUnordered: message.isUnordered, isBeginning: isBeginning,
            isEnd: isEnd, payload: payload)
    }

    private mutating func append(
        _ chunk: DataChunk, of message: OutgoingMessage, state: OutstandingChunk.State, now: MediaInstant
    ) {
        outstanding.append(
            OutstandingChunk(
                chunk: chunk, message: message.id, maximumRetransmits: message.maximumRetransmits,
                expiresAt: message.expiresAt, state: state, sentAt: now, sentBefore: chunk.tsn))
    }

    private mutating func noteAbandoned() {
        if outstanding.needsForward { isForwardDue = true }
    }

    // MARK: Answers and timeouts

    mutating func receive(_ sack: SelectiveAckChunk, now: MediaInstant, timeout: inout RetransmissionTimeout) {
        let wasFull = outstanding.bytesInFlight + congestion.packetSize > congestion.size
        guard let outcome = outstanding.acknowledge(sack, inRecovery: congestion.isRecovering, now: now) else {
            return
        }
        advertisedWindow = Int(sack.receiverWindow)
        if let roundTrip = outcome.roundTrip { timeout.observe(roundTrip: roundTrip) }
        congestion.acknowledged(
            bytes: outcome.acknowledgedBytes, wasFull: wasFull, cumulative: sack.cumulativeTSN)
        if outcome.foundLoss, congestion.lossDetected(newestOutstanding: lastAssignedTSN) {
            isFastRetransmitDue = true
        }
        noteAbandoned()
        if outcome.advancedCumulative { timer.stop() }
        runTimer(now: now, timeout: timeout)
    }

    /// - Returns: whether the timer expired.
    mutating func handleTimeout(now: MediaInstant, timeout: RetransmissionTimeout) -> Bool {
        guard timer.expire(now: now, timeout: timeout) else { return false }
        congestion.timerExpired()
        outstanding.markAllLost()
        noteAbandoned()
        return true
    }

    /// The timer runs while anything is outstanding (RFC 9260 §6.3.2), given up or not.
    private mutating func runTimer(now: MediaInstant, timeout: RetransmissionTimeout) {
        if outstanding.isEmpty {
            timer.stop()
        } else if !timer.isRunning {
            timer.start(now: now, timeout: timeout)
        }
    }
}
