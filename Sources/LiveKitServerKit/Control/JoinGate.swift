internal import LiveKitCore
internal import Synchronization

/// The server's ``JoinAdmission``: asked by every connection that wants to join, told by every room.
final class JoinGate: Sendable {
    private let state: Mutex<JoinAdmission>
    private let clock: ServerClock

    init(_ limits: LiveKitServerConfiguration.Limits, clock: ServerClock) {
        let node = JoinAdmission.NodeLimits(tracks: limits.nodeTracks, bytesPerSecond: limits.nodeBytesPerSecond)
        state = Mutex(JoinAdmission(node, now: clock.now()))
        self.clock = clock
    }

    /// Whether a join would begin, without beginning one.
    func check() throws(JoinShedding) {
        if let refusal = change({ $0.refusal(now: $1) }) { throw refusal }
    }

    /// Lets a join begin, which must be bound or given up.
    func begin() throws(JoinShedding) -> JoinAdmission.Ticket {
        try change { admission, now in
            Result { () throws(JoinShedding) in try admission.begin(now: now) }
        }.get()
    }

    func giveUp(_ ticket: JoinAdmission.Ticket) { change { admission, _ in admission.giveUp(ticket) } }

    func bind(_ ticket: JoinAdmission.Ticket, to participant: ParticipantSID) {
        change { admission, _ in admission.bind(ticket, to: participant) }
    }

    /// Follows what happens to those who were let in.
    func hear(_ notice: RoomNotice) {
        switch notice {
        case .participantActive(let sid, _): change { $0.becameActive(sid, now: $1) }
        case .participantLeft(let sid, _, _): change { admission, _ in admission.left(sid) }
        case .participantResumed: change { $0.resumed(now: $1) }
        default: break
        }
    }

    func beat() { change { $0.beat(now: $1) } }
    func carried(bytes: Int) { change { $0.carried(bytes: bytes, now: $1) } }
    func carries(tracks: Int) { change { admission, _ in admission.carries(tracks: tracks) } }

    /// How many joins are under way, and how late the node is.
    var load: (underWay: Int, lateness: MediaDuration) { change { ($0.underWay, $0.lateness(now: $1)) } }

    private func change<Answer: Sendable>(_ body: (inout JoinAdmission, MediaInstant) -> sending Answer) -> Answer {
        let now = clock.now()
        return state.withLock { body(&$0, now) }
    }
}
