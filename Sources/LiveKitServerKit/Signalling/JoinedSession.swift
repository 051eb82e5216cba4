internal import LiveKitCore
internal import LiveKitProtobuf
internal import Tracing

/// A participant's place in a room, as its socket holds it; or, after a refused resume, only what is left to say.
struct JoinedSession: Sendable {
    let room: RoomController?
    let participant: ParticipantSID
    let outbox: SignalOutbox
    /// When its client asked to join, and the protocol it speaks; `nil` for a session gone on with.
    var asked: (at: MediaInstant, protocolVersion: Int32)?
    /// The trace that its requests belong to.
    var context: ServiceContext?
    /// How its socket compresses messages, if the client offered that.
    var compression: PerMessageDeflate?

    init(room: RoomController, participant: ParticipantSID, outbox: SignalOutbox) {
        self.room = room
        self.participant = participant
        self.outbox = outbox
    }

    /// The answer to a client that wants to go on with a session which this server does not hold: it is told to
    /// start afresh, and nothing else.
    init(refusingResumeOf client: Livekit_ClientInfo) {
        room = nil
        participant = ParticipantSID(rawValue: "")
        outbox = SignalOutbox()
        var leave = Livekit_LeaveRequest()
        leave.reason = .stateMismatch
        leave.action = .reconnect
        leave.canReconnect = client.protocol <= 12
        outbox.send(.leave(leave))
        outbox.finish()
    }

    /// Tells the room that nobody is at the other end any more.
    func end() async {
        await room?.signalLost(self)
    }
}
