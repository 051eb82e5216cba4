internal import LiveKitCore

/// Decides which joins begin, so that those that began also finish.
///
/// A join that takes longer than its client waits is work for nothing, and work for nothing makes the others take longer.
/// So no more are let in than finish in time, at the pace at which joins have been finishing; the rest is told at once to
/// come back later. That holds only while the node is busy, which is as long as it was late with its work lately: where it is
/// not, it is clients that are slow, and their number is no load. A busy node also lets in no faster than joins finish, and a
/// little more so that the pace can grow: a batch let in at once would come to each step at once.
///
/// ```
///   arrivals ──► begin ──┬── under way ──┬── ACTIVE in time: counts towards the pace
///                        │               └── left, given up, or forgotten after `patience`
///                        └── refused: 503, Retry-After
/// ```
///
/// Who has joined is never touched, and who resumes a session is not refused: it only counts against those who join.
struct JoinAdmission {
    /// What a node may carry, as configured; 0 lifts a limit.
    struct NodeLimits: Sendable {
        var tracks = 0
        var bytesPerSecond = 0
    }

    /// Names an admitted join until its participant has a name.
    typealias Ticket = UInt64

    /// How long clients wait: LiveKit's wait 15 s for a connection, some 10 s. A join that is older fills no place.
    static let patience: MediaDuration = .seconds(10)
    /// Within what a join shall be done. Under half of the patience, because its steps wait one by one behind others'.
    static let target: MediaDuration = .seconds(4)
    /// Joins under way that are always allowed: a node that finishes eight in a second, which is less than a debug build
    /// does, finishes them in time.
    static let alwaysAllowed = 32
    /// Joins under way at most, whatever the pace: each has its sockets and two peer connections' memory.
    static let maximumUnderWay = 4096
    /// Joins in a second before any was measured: what a small machine manages. A wrong guess is halved in each window.
    static let initialPace = 30.0
    /// How often the heartbeat is due.
    static let beatInterval: MediaDuration = .milliseconds(100)
    /// A heartbeat later than this shows that work waits for its turn; one step of a join then takes as long.
    static let lateness: MediaDuration = .milliseconds(100)
    /// The pace is the mean of eight windows, the ``target``: steps finish in batches, and a batch is no pace.
    static let window: MediaDuration = .milliseconds(500)
    static let windows = 8
    /// Joins let in for each that finishes, while the node is busy.
    static let growth = 1.25
    /// Joins let in within a window whatever the pace, or it would never be seen to grow.
    static let alwaysAdmitted = 2

    private struct Join {
        var beganAt: MediaInstant
        var participant: ParticipantSID?
    }

    private let limits: NodeLimits
    private var joins: [Ticket: Join] = [:]
    private var tickets: [ParticipantSID: Ticket] = [:]
    private var (oldest, next) = (Ticket(0), Ticket(0))
    private(set) var pace = Self.initialPace

    private var beatAt: MediaInstant
    private var lastLateness: MediaDuration = .zero

    private var windowBeganAt: MediaInstant
    private var (finished, admitted, resumes, resumesBefore) = (0, 0, 0, 0)
    private var lateAt: MediaInstant?
    private var paces: [Double] = []
    private var traffic: TrafficMeter
    private var tracks = 0

    init(_ limits: NodeLimits = NodeLimits(), now: MediaInstant) {
        self.limits = limits
        (beatAt, windowBeganAt) = (now, now)
        traffic = TrafficMeter(now: now)
    }

    // MARK: Asking

    /// How many joins are under way that their clients still wait for.
    var underWay: Int { joins.count }

    /// How late the node is with its work: as late as the last heartbeat was, or the next one is by now.
    func lateness(now: MediaInstant) -> MediaDuration {
        max(lastLateness, now - beatAt - Self.beatInterval, .zero)
    }

    /// Why another join would be refused now; `nil` when it would not.
    mutating func refusal(now: MediaInstant) -> JoinShedding? {
        advance(now: now)
        if limits.tracks > 0, tracks >= limits.tracks { return .tracks }
        if limits.bytesPerSecond > 0, traffic.bytesPerSecond >= limits.bytesPerSecond { return .traffic }
        let waiting = joins.count + resumes + resumesBefore
        guard joins.count < Self.maximumUnderWay else { return .crowded(seconds: seconds(toFinish: waiting)) }
        guard isBusy(now: now), joins.count >= Self.alwaysAllowed else { return nil }
        guard waiting >= allowed || admitted >= admittedInWindow else { return nil }
        return .overloaded(seconds: seconds(toFinish: waiting))
    }

    /// How many may begin in one window while the node is busy.
    private var admittedInWindow: Int {
        max(Self.alwaysAdmitted, Int(pace * Self.growth * Self.window.seconds))
    }

    /// How many may be under way while the node is busy.
    private var allowed: Int { max(Self.alwaysAllowed, Int(pace * Self.target.seconds)) }

    /// When there will be a place, in whole seconds, as `Retry-After` has them.
    private func seconds(toFinish waiting: Int) -> Int {
        let excess = Double(max(1, waiting - allowed / 2))
        return Int(min(max((excess / max(pace, 1)).rounded(.up), 1), Self.patience.seconds))
    }

    /// Whether the node is late, or was within the ``target``: it takes as long until what was let in shows.
    private func isBusy(now: MediaInstant) -> Bool {
        lateness(now: now) >= Self.lateness || lateAt.map { now - $0 < Self.target } ?? false
    }

    // MARK: Joins

    /// Lets a join begin, which must be bound or given up.
    mutating func begin(now: MediaInstant) throws(JoinShedding) -> Ticket {
        if let refusal = refusal(now: now) { throw refusal }
        defer { next &+= 1 }
        admitted += 1
        joins[next] = Join(beganAt: now)
        return next
    }

    /// The join is a participant now.
    mutating func bind(_ ticket: Ticket, to participant: ParticipantSID) {
        guard joins[ticket] != nil else { return }
        joins[ticket]?.participant = participant
        tickets[participant] = ticket
    }

    /// The room refused it, or its client went.
    mutating func giveUp(_ ticket: Ticket) {
        if let participant = joins.removeValue(forKey: ticket)?.participant { tickets[participant] = nil }
    }

    /// The participant's media connection stands.
    mutating func becameActive(_ participant: ParticipantSID, now: MediaInstant) {
        advance(now: now)
        guard let ticket = tickets[participant] else { return }
        giveUp(ticket)
        finished += 1
    }

    mutating func left(_ participant: ParticipantSID) {
        if let ticket = tickets[participant] { giveUp(ticket) }
    }

    /// Somebody came back to its session.
    mutating func resumed(now: MediaInstant) {
        advance(now: now)
        resumes += 1
    }

    // MARK: What the node does

    /// A heartbeat came round: it is sent each ``beatInterval``, and goes wherever the steps of a join go.
    mutating func beat(now: MediaInstant) {
        lastLateness = max(now - beatAt - Self.beatInterval, .zero)
        beatAt = now
        advance(now: now)
    }

    /// So many bytes of media came in or went out.
    mutating func carried(bytes: Int, now: MediaInstant) {
        traffic.add(bytes, now: now)
    }

    /// So many tracks come in and go out.
    mutating func carries(tracks: Int) {
        self.tracks = tracks
    }

    // MARK: Time

    private mutating func advance(now: MediaInstant) {
        if lateness(now: now) >= Self.lateness { lateAt = now }
        traffic.advance(now: now)
        forgetOld(now: now)
        let elapsed = now - windowBeganAt
        guard elapsed >= Self.window else { return }
        if paces.count == Self.windows { paces.removeFirst() }
        paces.append(Double(finished) / elapsed.seconds)
        let mean = paces.reduce(0, +) / Double(paces.count)
        // Few joins tell how fast the node is only if it was busy with them.
        if mean > pace || (isBusy(now: now) && joins.count >= Self.alwaysAllowed) { pace += (mean - pace) / 2 }
        resumesBefore = elapsed < Self.window * 2 ? resumes : 0
        (finished, admitted, resumes) = (0, 0, 0)
        windowBeganAt = now
    }

    private mutating func forgetOld(now: MediaInstant) {
        while oldest < next {
            if let join = joins[oldest], now - join.beganAt < Self.patience { return }
            giveUp(oldest)
            oldest += 1
        }
    }
}

/// How many bytes go by in a second.
struct TrafficMeter {
    /// Rooms tell every 400 ms; that must not show. LiveKit measures its nodes as often.
    static let window: MediaDuration = .seconds(2)

    /// That of the last whole window.
    private(set) var bytesPerSecond = 0
    private var beganAt: MediaInstant
    private var bytes = 0

    init(now: MediaInstant) {
        beganAt = now
    }

    mutating func add(_ bytes: Int, now: MediaInstant) {
        advance(now: now)
        self.bytes &+= bytes
    }

    mutating func advance(now: MediaInstant) {
        let elapsed = now - beganAt
        guard elapsed >= Self.window else { return }
        bytesPerSecond = Int(Double(bytes) / elapsed.seconds)
        (beganAt, bytes) = (now, 0)
    }
}

/// Why a join is refused that the room would have taken.
enum JoinShedding: Error, Hashable {
    /// More joins are under way than can finish in time; there may be a place in so many seconds.
    case overloaded(seconds: Int)
    /// ``JoinAdmission/maximumUnderWay``.
    case crowded(seconds: Int)
    /// `limit.num_tracks`.
    case tracks
    /// `limit.bytes_per_sec`.
    case traffic

    /// The reason as metrics name it.
    var name: String {
        switch self {
        case .overloaded: "overloaded"
        case .crowded: "too_many"
        case .tracks: "num_tracks"
        case .traffic: "bytes_per_sec"
        }
    }
}
