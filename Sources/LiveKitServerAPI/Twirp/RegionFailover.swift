/// When a call is repeated at another region of the server: what LiveKit's SDKs do for LiveKit Cloud.
///
/// Repeated is what did not come to an answer (no connection, no answer in time, a status of 500 or more), up to three
/// calls in all, each with the whole timeout, with pauses of 200 and 400 ms between. An answer of the 400s is an
/// answer, but for 451: the project is bound to another region, which is asked at once, whatever server it is.
struct RegionFailover: Sendable {
    enum Servers {
        case none
        /// Those under livekit.cloud. Servers of one's own have no regions.
        case cloud
        case all
    }

    /// Calls in all. Fixed, so that nobody makes a sick server sicker.
    static let attempts = 3
    /// Whoever waits less than this gets one call.
    static let shortestTimeout = Duration.seconds(5)
    /// Unavailable For Legal Reasons (RFC 7725).
    static let boundElsewhere = 451

    var servers = Servers.cloud
    var firstPause = Duration.milliseconds(200)

    func concerns(_ url: ServerURL) -> Bool {
        switch servers {
        case .none: false
        case .cloud: url.host.hasSuffix(".livekit.cloud")
        case .all: true
        }
    }

    /// How long to pause before the call after this failed one; `nil` when it is the last.
    func pause(after failure: ServerError, attempt: Int, timeout: Duration) -> Duration? {
        guard attempt < Self.attempts else { return nil }
        if failure.status == Self.boundElsewhere { return .zero }
        guard timeout >= Self.shortestTimeout else { return nil }
        let isRepeated =
            failure.status.map { $0 >= 500 } ?? (failure.code == .unavailable || failure.code == .deadlineExceeded)
        return isRepeated ? firstPause * (1 << (attempt - 1)) : nil
    }
}
