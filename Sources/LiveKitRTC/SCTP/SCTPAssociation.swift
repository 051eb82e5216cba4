package import LiveKitCore

/// An SCTP association with its data channels, as WebRTC runs it over DTLS.
///
/// It owns the protocol and every byte that waits, on either side. It performs no I/O and reads no clock: its
/// owner passes `now`, then drains ``pollEvent()`` and ``pollTransmit()``, in this order, at the same instant,
/// and calls ``handleTimeout(now:)`` no later than ``deadline``.
///
/// ```
///            connect             INIT ACK                COOKIE ACK
///   closed ----------> cookieWait ------> cookieEchoed -----------------> established
///      |                    |        COOKIE ECHO (simultaneous open)        ^   |
///      +--------------------+-----------------------------------------------+   |
///           COOKIE ECHO                          shutdown: pending, sent, received, ackSent
///                                                                               v
///   every state ------------------- ABORT ----------------------------------> ended
/// ```
///
/// - SeeAlso: [RFC 9260 §4](https://www.rfc-editor.org/rfc/rfc9260#section-4),
///   [RFC 8831](https://www.rfc-editor.org/rfc/rfc8831).
package struct SCTPAssociation: ~Copyable {
    enum State {
        /// Nothing happened yet. An INIT of the peer is answered without leaving this state.
        case closed
        case cookieWait(CookieWait)
        case cookieEchoed(CookieEchoed)
        case established
        /// We want to end, and wait until everything of ours is acknowledged.
        case shutdownPending
        case shutdownSent(BackoffTimer)
        /// The peer wants to end; so do we, when everything of ours is acknowledged.
        case shutdownReceived
        case shutdownAckSent(BackoffTimer)
        case ended
    }

    struct CookieWait {
        var tag: UInt32
        var initialTSN: TSN
        var timer: BackoffTimer
        /// Cookies of the peer that were too old when they came back.
        var staleCookies = 0
    }

    struct CookieEchoed {
        var cookie: [UInt8]
        var timer: BackoffTimer
        var staleCookies: Int
    }

    /// What may be changed while it runs: the peer's port and largest message.
    package var configuration: SCTPConfiguration

    let isDTLSClient: Bool
    let cookieKey: AssociationCookie.Key
    var random: DeterministicRandom
    var state: State = .closed
    /// Exists from `cookieEchoed` on, until the end.
    var control: TransmissionControl?
    var sendQueue = SendQueue()
    var channels: [DataChannelID: DataChannelRecord] = [:]
    /// Closing channels whose own stream is not yet being reset, because something still waits on it.
    var unresetChannels: [DataChannelID] = []
    var nextMessage: UInt64 = 0
    /// Packets with data that left since time or the peer last moved something.
    var burst = 0
    /// The newest instant that the owner told.
    var clock: MediaInstant = .start
    var controlPackets = RingQueue<[UInt8]>()
    var events = RingQueue<SCTPEvent>()
    /// Bytes of messages among ``events``, which the peer's window must still pay for.
    var undeliveredBytes = 0

    /// The DTLS client opens channels of even number, the server of odd (RFC 8832 §6).
    ///
    /// `cookieKey` is 32 bytes of a cryptographic source; without it the key comes from `random`.
    package init(
        isDTLSClient: Bool, configuration: SCTPConfiguration = .init(), random: DeterministicRandom,
        cookieKey: [UInt8]? = nil
    ) {
        self.isDTLSClient = isDTLSClient
        self.configuration = configuration
        self.random = random
        var key = ByteWriter(capacity: AssociationCookie.Key.size)
        while key.count < AssociationCookie.Key.size { key.write(self.random.next()) }
        self.cookieKey = AssociationCookie.Key(cookieKey ?? key.bytes)
    }

    // MARK: Queries

    /// When ``handleTimeout(now:)`` is next due; `nil` while there is nothing to wait for.
    package var deadline: MediaInstant? {
        switch state {
        case .closed, .ended: nil
        case .cookieWait(let wait): wait.timer.deadline
        case .cookieEchoed(let echoed): echoed.timer.deadline
        case .established, .shutdownPending, .shutdownReceived: control?.deadline
        case .shutdownSent(let timer), .shutdownAckSent(let timer):
            MediaInstant.earliest(timer.deadline, control?.deadline)
        }
    }

    /// Whether the handshake is done and no end is in sight.
    package var isConnected: Bool {
        if case .established = state { true } else { false }
    }

    /// Whether the association came to its end, orderly or not.
    package var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// The smoothed round trip, once one was measured.
    package var roundTripTime: MediaDuration? { control?.timeout.roundTripTime }

    /// Bytes of messages that wait or are in flight, over all channels.
    package var bufferedBytes: Int { sendQueue.bufferedBytes + (control?.retransmission.heldBytes ?? 0) }

    // MARK: Time

    /// Does what is due at `now`. Spurious calls are harmless.
    package mutating func handleTimeout(now: MediaInstant) {
        advanceClock(to: now)
        switch state {
        case .closed, .ended:
            return
        case .cookieWait, .cookieEchoed:
            handleHandshakeTimeout(now: now)
        case .established, .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent:
            handleTransmissionTimeouts(now: now)
            handleShutdownTimeout(now: now)
        }
    }

    private mutating func handleTransmissionTimeouts(now: MediaInstant) {
        guard let timeout = control?.timeout else { return }
        control?.acknowledgements.handleTimeout(now: now)
        if control?.retransmission.handleTimeout(now: now, timeout: timeout) == true { burst = 0 }
        _ = control?.streamReset.handleTimeout(now: now, timeout: timeout)
        if let heartbeat = control?.heartbeat.poll(now: now, timeout: timeout, nonce: random.next()) {
            sendControl([.heartbeat(heartbeat)])
        }
        discardAbandonedMessages()
        if let limit = configuration.maximumRetransmissions, (control?.unanswered ?? 0) > limit {
            end(.unresponsive, cause: SCTPErrorCause(.protocolViolation))
        }
    }

    mutating func advanceClock(to now: MediaInstant) {
        guard now > clock else { return }
        clock = now
        burst = 0
    }

    // MARK: Output

    /// What the owner must know, in order.
    package mutating func pollEvent() -> SCTPEvent? {
        let event = events.popFirst()
        if case .message(_, let payload, _) = event {
            undeliveredBytes -= payload.count
            announceWindowIfReopened()
        }
        return event
    }

    /// A peer that was told of a small window waits; it is told when there is room again (RFC 9260 §6.2).
    private mutating func announceWindowIfReopened() {
        guard undeliveredBytes == 0, isWindowNearlyClosedAnnounced else { return }
        isWindowNearlyClosedAnnounced = false
        control?.acknowledgements.acknowledgeNow()
    }

    /// Whether the newest SACK announced less than half of the window.
    var isWindowNearlyClosedAnnounced = false

    /// What is left of the receive window.
    var receiverWindow: Int {
        max(0, configuration.receiveWindow - undeliveredBytes - (control?.reassembly.bufferedBytes ?? 0))
    }
}
