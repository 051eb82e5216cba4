internal import LiveKitCore

/// When to send a SACK: at once when something is odd, else for every second packet or after a while.
///
/// - SeeAlso: [RFC 9260 §6.2](https://www.rfc-editor.org/rfc/rfc9260#section-6.2).
struct AcknowledgementSchedule {
    private enum State {
        case idle
        case delayed(until: MediaInstant)
        case due
    }

    private let delay: MediaDuration
    private var state: State = .idle

    init(delay: MediaDuration) {
        self.delay = delay
    }

    var deadline: MediaInstant? {
        if case .delayed(let deadline) = state { deadline } else { nil }
    }

    var isDue: Bool {
        if case .due = state { true } else { false }
    }

    var isPending: Bool {
        if case .idle = state { false } else { true }
    }

    /// A packet with data arrived, in order.
    mutating func receivedData(now: MediaInstant) {
        switch state {
        case .idle: state = .delayed(until: now + delay)
        case .delayed, .due: state = .due
        }
    }

    /// Something must be answered at once: a gap, a duplicate, a full buffer.
    mutating func acknowledgeNow() {
        state = .due
    }

    mutating func handleTimeout(now: MediaInstant) {
        if case .delayed(let deadline) = state, now >= deadline { state = .due }
    }

    mutating func sent() {
        state = .idle
    }
}
