internal import LiveKitCore
internal import Synchronization

/// Decides which new TCP connections are taken: how many there may be at once, and how many one address may open in a
/// second. What is too much is closed before a byte of it is read.
final class ConnectionGate: Sendable {
    enum Verdict: Equatable {
        case taken, tooMany, tooFast
    }

    private struct State {
        var open = 0
        var meters: [String: AcceptMeter] = [:]
        var sweptAt = MediaInstant.start
    }

    /// Addresses whose pace is remembered. One that is not in a hurry is forgotten when room is needed, and that is all
    /// of them within seconds, so a new one always finds room or is one of very many, who then share a meter.
    private static let addresses = 16_384
    /// Forgetting looks at all of them, so a flood of addresses must not cause it each time.
    private static let sweepInterval: MediaDuration = .seconds(1)
    private static let crowd = "*"

    private let maximum: Int
    private let perSecond: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limits: what is configured; 0 lifts a limit.
    ///   - openFiles: how many files the process may have open. Some are left for everything else.
    init(_ limits: LiveKitServerConfiguration.Connections, openFiles: Int) {
        let spare = max(32, openFiles / 8)
        let possible = max(16, openFiles - spare)
        maximum = limits.maximum > 0 ? min(limits.maximum, possible) : possible
        perSecond = limits.acceptsPerSecond
    }

    /// Counts a new connection in. One that is taken must be counted out by ``leave()``.
    func enter(_ address: String?, now: MediaInstant) -> Verdict {
        state.withLock { state in
            guard state.open < maximum else { return .tooMany }
            if let address, perSecond > 0 {
                let key = Self.key(address, in: &state, now: now)
                guard state.meters[key, default: AcceptMeter(rate: perSecond, now: now)].take(now: now) else {
                    return .tooFast
                }
            }
            state.open += 1
            return .taken
        }
    }

    func leave() {
        state.withLock { $0.open -= 1 }
    }

    /// How many are open, and how many addresses' paces are remembered.
    var open: Int { state.withLock { $0.open } }
    var meters: Int { state.withLock { $0.meters.count } }

    private static func key(_ address: String, in state: inout State, now: MediaInstant) -> String {
        if state.meters[address] == nil, state.meters.count >= addresses, now - state.sweptAt >= sweepInterval {
            state.sweptAt = now
            state.meters = state.meters.filter { !$0.value.isFull(now: now) }
        }
        return state.meters[address] == nil && state.meters.count >= addresses ? crowd : address
    }
}

/// A bucket of accepts that fills at a rate: four seconds' worth at most.
struct AcceptMeter {
    /// In a second.
    private let rate: Double
    private var tokens: Double
    private var filledAt: MediaInstant

    private static let burstSeconds = 4.0

    init(rate: Int, now: MediaInstant) {
        self.rate = Double(rate)
        tokens = self.rate * Self.burstSeconds
        filledAt = now
    }

    mutating func take(now: MediaInstant) -> Bool {
        fill(now: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    func isFull(now: MediaInstant) -> Bool {
        var copy = self
        copy.fill(now: now)
        return copy.tokens >= rate * Self.burstSeconds
    }

    private mutating func fill(now: MediaInstant) {
        guard now > filledAt else { return }
        let seconds = Double((now - filledAt).nanoseconds) / 1e9
        tokens = min(rate * Self.burstSeconds, tokens + seconds * rate)
        filledAt = now
    }
}
