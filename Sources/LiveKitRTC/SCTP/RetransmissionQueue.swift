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
    private var lastSentAt: MediaInstant?

    init(initialTSN: TSN, receiverWindow: UInt32, packetSize: Int, mayAbandon: Bool, isInterleaved: Bool) {
        outstanding = OutstandingData(initialTSN: initialTSN, mayAbandon: mayAbandon, isInterleaved: isInterleaved)
        congestion = CongestionWindow(packetSize: packetSize)
        advertisedWindow = Int(receiverWindow)
    }

    var congestionWindow: Int { congestion.size }
    var lastAssignedTSN: TSN { outstanding.nextTSN.advanced(by: -1) }
    var isEmpty: Bool { outstanding.isEmpty }
    var heldBytes: Int { outstanding.heldBytes }
    /// Whether messages may be given up, which the peer must understand.
    var mayAbandon: Bool { outstanding.mayAbandon }
    var deadline: MediaInstant? { timer.deadline }
    /// Timeouts since the peer last acknowledged something.
    var expirations: Int { timer.expirations }

    // MARK: What may be sent

    /// Whether a new chunk of `size` bytes may go. Lost ones go first.
    func admitsNew(size: Int) -> Bool {
        !outstanding.hasLost && admits(size)
    }

    /// Whether a lost chunk may go again.
    mutating func admitsLost() -> Bool {
        guard let size = outstanding.nextLostSize() else { return false }
        return isFastRetransmitDue || admits(size)
    }

    private func admits(_ size: Int) -> Bool {
        // With nothing in flight one chunk may always go: it probes a closed window (RFC 9260 §6.1 A).
        if outstanding.bytesInFlight == 0 { return true }
        return outstanding.bytesInFlight < congestion.size && outstanding.bytesInFlight + size <= advertisedWindow
    }

    // MARK: Sending

    /// The next lost chunk, if it may go and fits `room`.
    mutating func nextLost(room: Int, now: MediaInstant, timeout: RetransmissionTimeout) -> DataFragment? {
        guard admitsLost(), let size = outstanding.nextLostSize(), size <= room else { return nil }
        // A fast retransmit begins the wait anew (RFC 9260 §7.2.4).
        if isFastRetransmitDue { timer.stop() }
        let fragment = outstanding.retransmit(now: now)
        runTimer(now: now, timeout: timeout)
        lastSentAt = now
        return fragment
    }

    /// A packet is complete, and with it the privilege of a fast retransmit is used up.
    mutating func completedPacket() {
        isFastRetransmitDue = false
    }

    /// Looks at the window again after a silence.
    mutating func prepare(now: MediaInstant, timeout: RetransmissionTimeout) {
        guard outstanding.isEmpty, let lastSentAt else { return }
        congestion.resumed(afterIdle: now - lastSentAt, timeout: timeout.value)
        self.lastSentAt = now
    }

    /// Numbers the newest piece of `message` and counts it as in flight.
    mutating func send(
        _ message: OutgoingMessage, payload: [UInt8], now: MediaInstant, timeout: RetransmissionTimeout
    ) -> DataFragment {
        var fragment = fragment(of: message, index: message.sentFragments &- 1, payload: payload)
        if message.sentFragments == 1 { fragment.flags.insert(.beginning) }
        if message.remainingBytes == 0 { fragment.flags.insert(.end) }
        if congestion.isSmall { fragment.flags.insert(.immediate) }
        append(fragment, of: message, state: .inFlight, now: now)
        runTimer(now: now, timeout: timeout)
        lastSentAt = now
        return fragment
    }

    /// A message was given up halfway. An end that is never sent stands for the rest, so that a FORWARD TSN
    /// can name the message even if all that was sent of it is acknowledged.
    mutating func giveUpRest(of message: OutgoingMessage, now: MediaInstant, timeout: RetransmissionTimeout) {
        var fragment = fragment(of: message, index: message.sentFragments, payload: [])
        fragment.flags.insert(.end)
        append(fragment, of: message, state: .abandoned, now: now)
        outstanding.abandonNewestMessage()
        noteAbandoned()
        runTimer(now: now, timeout: timeout)
    }

    /// Gives up lost chunks whose lifetime is over.
    mutating func expire(now: MediaInstant) {
        if outstanding.expire(now: now) { noteAbandoned() }
    }

    mutating func takeAbandonedMessages() -> [AbandonedMessage] {
        outstanding.takeAbandonedMessages()
    }

    var hasForward: Bool { isForwardDue && outstanding.needsForward }

    mutating func takeForward() -> ForwardPoint? {
        guard isForwardDue else { return nil }
        isForwardDue = false
        return outstanding.forward()
    }

    private func fragment(of message: OutgoingMessage, index: UInt32, payload: [UInt8]) -> DataFragment {
        DataFragment(
            tsn: outstanding.nextTSN, stream: message.stream, number: message.number, index: index,
            payloadProtocol: message.payloadProtocol, flags: message.isUnordered ? .unordered : [], payload: payload)
    }

    private mutating func append(
        _ fragment: DataFragment, of message: OutgoingMessage, state: OutstandingChunk.State, now: MediaInstant
    ) {
        let header = DataFragment.headerSize(isInterleaved: outstanding.isInterleaved)
        outstanding.append(
            OutstandingChunk(
                fragment: fragment, size: (header + fragment.payload.count + 3) / 4 * 4, message: message.id,
                maximumRetransmits: message.maximumRetransmits, expiresAt: message.expiresAt, state: state,
                sentAt: now, sentBefore: fragment.tsn))
    }

    private mutating func noteAbandoned() {
        if outstanding.needsForward { isForwardDue = true }
    }

    // MARK: Answers and timeouts

    mutating func receive(_ sack: SelectiveAckChunk, now: MediaInstant, timeout: inout RetransmissionTimeout) {
        let bytesInFlight = outstanding.bytesInFlight
        guard let outcome = outstanding.acknowledge(sack, inRecovery: congestion.isRecovering, now: now) else {
            return
        }
        advertisedWindow = Int(sack.receiverWindow)
        if let roundTrip = outcome.roundTrip { timeout.observe(roundTrip: roundTrip) }
        congestion.receive(
            .init(
                bytes: outcome.acknowledgedBytes, advancesCumulative: outcome.advancedCumulative,
                cumulative: sack.cumulativeTSN, bytesInFlight: bytesInFlight, isEverything: outstanding.isEmpty))
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
        // A chunk that probes a closed window says nothing about the network.
        if advertisedWindow > 0 { congestion.timerExpired(isFirst: timer.expirations == 1) }
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
