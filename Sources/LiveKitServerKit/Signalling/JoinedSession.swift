internal import LiveKitCore
internal import LiveKitProtobuf
internal import Tracing

/// A participant's place in a room, as its socket holds it; or, after a refused resume, only what is left to say.
struct JoinedSession: Sendable {
    /// Where the client's requests go.
    enum Destination: Sendable {
        case room(RoomController)
        /// The room is on another node.
        case relay(SignalRelay)
        /// The client was refused.
        case nowhere
    }

    let destination: Destination
    let participant: ParticipantSID
    let outbox: SignalOutbox
    /// When its client asked to join, and the protocol it speaks; `nil` for a session gone on with.
    var asked: (at: MediaInstant, protocolVersion: Int32)?
    /// The trace that its requests belong to.
    var context: ServiceContext?
    /// How its socket compresses messages, if the client offered that.
    var compression: PerMessageDeflate?
    /// Milliseconds that a client may say its ping took; more is as good as nothing.
    private static let longestRoundTrip: Int64 = 60_000

    init(room: RoomController, participant: ParticipantSID, outbox: SignalOutbox) {
        destination = .room(room)
        self.participant = participant
        self.outbox = outbox
    }

    init(relay: SignalRelay, participant: ParticipantSID) {
        destination = .relay(relay)
        self.participant = participant
        outbox = relay.outbox
    }

    /// The answer to a client that wants to go on with a session which this server does not hold: it is told to
    /// start afresh, and nothing else.
    init(refusingResumeOf client: Livekit_ClientInfo) {
        destination = .nowhere
        participant = ParticipantSID(rawValue: "")
        outbox = SignalOutbox()
        var leave = Livekit_LeaveRequest()
        leave.reason = .stateMismatch
        leave.action = .reconnect
        leave.canReconnect = client.protocol <= 12
        outbox.send(.leave(leave))
        outbox.finish()
    }

    /// The name of the room.
    var roomName: String {
        switch destination {
        case .room(let room): room.name
        case .relay(let relay): relay.room
        case .nowhere: ""
        }
    }

    /// Hands a client's request to the room. A ping tells it that the client is there; whoever holds the socket answers.
    func deliver(_ message: Livekit_SignalRequest.OneOf_Message) async {
        switch destination {
        case .room(let room): await deliver(message, to: room)
        case .relay(let relay): await relay.send(message)
        case .nowhere: break
        }
    }

    private func deliver(_ message: Livekit_SignalRequest.OneOf_Message, to room: RoomController) async {
        switch message {
        case .ping:
            await room.heard(from: self)
        case .pingReq(let ping):
            let roundTrip = ping.rtt > 0 ? MediaDuration.milliseconds(min(ping.rtt, Self.longestRoundTrip)) : nil
            await room.heard(from: self, roundTrip: roundTrip)
        default:
            await room.receive(message, from: self)
        }
    }

    /// Carries what the room says, for as long as the socket is served.
    func carry() async {
        if case .relay(let relay) = destination { await relay.run() }
    }

    /// Tells the room that nobody is at the other end any more.
    func end() async {
        switch destination {
        case .room(let room): await room.signalLost(self)
        case .relay(let relay): await relay.end()
        case .nowhere: break
        }
    }
}
