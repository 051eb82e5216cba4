internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import Synchronization

/// One room's control half: an actor over a ``RoomState``, which carries out what the machine decides.
///
/// Every method asks the machine and applies its effects without an `await` in between, so that no decision
/// straddles a suspension.
actor RoomController {
    nonisolated let name: String
    nonisolated let sid: RoomSID
    /// Whether anything may have changed since a copy was made, for who keeps copies.
    nonisolated let isChanged = Atomic<Bool>(true)
    private var state: RoomState
    private nonisolated let media: any RoomMedia
    private let services: ControlServices
    private let events: AsyncStream<[MediaEvent]>
    private let eventsContinuation: AsyncStream<[MediaEvent]>.Continuation
    private var sessions: [ParticipantSID: Session] = [:]
    private var logger: Logger
    private var meter: RoomMeter
    /// Where those are now whose sockets still come here.
    private var moved: [ParticipantSID: RoomController] = [:]
    var forwardings: [RoomForwarding] = []
    nonisolated let forwardingWakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Calls of the API that wait for a participant's answer.
    private var calls: [String: CheckedContinuation<Result<String, RPCFailure>, Never>] = [:]

    struct Session {
        var outbox: SignalOutbox
        var claims: TokenClaims
    }

    /// Batches of media events that may wait for the actor. A media loop sends one for each burst; a queue this
    /// long means the room is stuck, and then newer batches are dropped and counted.
    static let eventCapacity = 8192
    /// How often the machine looks at the clock.
    static let tickPeriod = Duration.milliseconds(500)

    init(
        info: Livekit_Room, agents: [Livekit_RoomAgentDispatch] = [], egress: Livekit_RoomEgress = .init(),
        services: ControlServices
    ) {
        let now = services.clock.now()
        var state = RoomState(
            info: info, limits: services.limits, rules: services.rules,
            unixMillisecondsAtStart: services.clock.unixMilliseconds() &- (now - .start).milliseconds,
            random: DeterministicRandom(seed: .random(in: .min ... .max)), now: now)
        state.makeDispatches(agents, now: now)
        state.egress = RoomEgress(egress)
        if egress.hasRoom { state.recordRoom(egress.room) }
        let (events, continuation) = AsyncStream.makeStream(
            of: [MediaEvent].self, bufferingPolicy: .bufferingOldest(Self.eventCapacity))
        self.state = state
        self.services = services
        self.events = events
        eventsContinuation = continuation
        name = info.name
        sid = state.sid
        let counters = services.counters
        media = services.mediaPlane.openRoom(state.sid) { batch in
            if case .dropped = continuation.yield(batch) { counters.droppedMediaBatches.increment() }
        }
        meter = RoomMeter(counters: counters)
        logger = services.logger
        logger[metadataKey: "room"] = "\(info.name)"
        logger[metadataKey: "roomID"] = "\(state.sid)"
    }

    /// Lives as long as the room: takes the media's events and watches the clock.
    func run() async {
        logger.info("room opened")
        let openedAt = services.clock.now()
        services.counters.roomsOpened.increment()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await batch in self.events { await self.receive(batch) }
            }
            group.addTask {
                for await _ in self.forwardingWakes.stream { await self.updateForwardings() }
            }
            group.addTask {
                while await self.tick() {
                    guard (try? await Task.sleep(for: Self.tickPeriod)) != nil else { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
        close(.roomEndServerShutdown, telling: .serverShutdown)
        await endForwardings()
        media.close()
        services.counters.roomClosed(after: services.clock.now() - openedAt)
        logger.info("room closed")
    }

    // MARK: Signalling

    /// Lets somebody in; the outbox holds the `join` response when it returns.
    func join(
        _ intent: JoinIntent, claims: TokenClaims, ticket: JoinAdmission.Ticket
    ) throws(JoinRefusal) -> JoinedSession {
        let outbox = SignalOutbox()
        let sid = try state.join(intent, server: services.joinResponse, now: services.clock.now())
        services.joins.bind(ticket, to: sid)
        sessions[sid] = Session(outbox: outbox, claims: claims)
        apply()
        return JoinedSession(room: self, participant: sid, outbox: outbox)
    }

    /// Goes on with a session over another socket; the outbox holds the `reconnect` response when it returns. The
    /// socket before, should it still stand, is closed and heard no more.
    func resume(
        _ request: ResumeRequest, _ intent: JoinIntent, claims: TokenClaims
    ) throws(ResumeRefusal) -> JoinedSession {
        let sid = try state.resume(
            request, identity: intent.identity, server: services.joinResponse, now: services.clock.now())
        let outbox = SignalOutbox()
        sessions.updateValue(Session(outbox: outbox, claims: claims), forKey: sid)?.outbox.finish()
        apply()
        return JoinedSession(room: self, participant: sid, outbox: outbox)
    }

    /// What a client asked over its socket.
    func receive(_ message: Livekit_SignalRequest.OneOf_Message, from session: JoinedSession) async {
        if let room = moved[session.participant] { return await room.receive(message, from: session) }
        guard isCurrent(session) else { return }
        state.receive(message, from: session.participant, now: services.clock.now())
        apply()
    }

    /// The client pinged.
    func heard(from session: JoinedSession, roundTrip: MediaDuration? = nil) async {
        if let room = moved[session.participant] { return await room.heard(from: session, roundTrip: roundTrip) }
        if isCurrent(session) { state.heard(session.participant, roundTrip: roundTrip, now: services.clock.now()) }
    }

    /// The socket is gone.
    func signalLost(_ session: JoinedSession) async {
        if let room = moved.removeValue(forKey: session.participant) { return await room.signalLost(session) }
        guard isCurrent(session) else { return }
        session.outbox.finish()
        state.signalLost(session.participant, now: services.clock.now())
        apply()
    }

    /// Whether no other socket has taken the session over.
    private func isCurrent(_ session: JoinedSession) -> Bool {
        sessions[session.participant]?.outbox === session.outbox
    }

    // MARK: Events and time

    private func receive(_ batch: [MediaEvent]) {
        let now = services.clock.now()
        for event in batch {
            if case .tally(let tally) = event { count(tally) }
            state.receive(event, now: now)
            meter.note(event, in: state, now: now)
        }
        apply(isAsked: false)
    }

    private func count(_ tally: MediaTally) {
        services.counters.add(tally)
        services.joins.carried(bytes: tally.bytesReceived &+ tally.bytesSent)
        services.totals.add(tally)
    }

    /// Returns whether the room goes on.
    func tick() -> Bool {
        state.handleTimeout(now: services.clock.now())
        apply(isAsked: false)
        return !state.isClosed
    }

    /// Ends the room. Harmless when it has ended.
    func close(_ reason: Livekit_RoomEndReason, telling disconnectReason: Livekit_DisconnectReason) {
        state.close(reason, telling: disconnectReason, now: services.clock.now())
        apply()
        eventsContinuation.finish()
    }

    /// Ends a room that nobody has joined.
    func closeUnlessJoined() {
        guard !state.hasBeenJoined else { return }
        close(.roomEndApiDelete, telling: .roomDeleted)
    }

    // MARK: The API

    /// The room as it is, or `nil` once it ended.
    var info: Livekit_Room? { state.isClosed ? nil : state.currentInfo }

    /// Reads the machine.
    func query<Answer: Sendable>(_ question: @Sendable (RoomState) -> Answer) -> Answer {
        question(state)
    }

    /// Changes the machine and applies what follows.
    func change<Answer: Sendable>(
        _ body: @Sendable (inout RoomState, MediaInstant) throws -> Answer
    ) rethrows -> Answer {
        defer { apply() }
        return try body(&state, services.clock.now())
    }

    /// Calls a participant's method and waits for its answer.
    func performRPC(_ request: Livekit_PerformRpcRequest) async throws(RPCFailure) -> String {
        let id = try state.performRPC(request, now: services.clock.now())
        let result: Result<String, RPCFailure> = await withCheckedContinuation { continuation in
            calls[id] = continuation
            apply()
        }
        return try result.get()
    }

    // MARK: Moving

    func participant(named identity: String) -> RoomParticipant? { state.participant(named: identity) }

    func participant(_ sid: ParticipantSID) -> RoomParticipant? { state.participants[sid] }

    func lendMedia(_ track: TrackSID, to other: RoomController) { media.lend(track, to: other.media) }

    /// Whether somebody forwarded from another room is shown here.
    func showsForwarded(_ sid: ParticipantSID) -> Bool { state.participants[sid]?.isForwarded == true }

    func showForwarded(_ participant: RoomParticipant) -> Bool {
        defer { apply() }
        return state.showForwarded(participant, now: services.clock.now())
    }

    /// A participant that was removed here is forwarded anew.
    func allowForwarded(_ sid: ParticipantSID) { state.refusedForwards.remove(sid) }

    func setForwardedElsewhere(_ isForwarded: Bool, _ sid: ParticipantSID) {
        state.setForwardedElsewhere(isForwarded, sid, now: services.clock.now())
        apply()
    }

    func hideForwarded(_ sid: ParticipantSID) {
        state.hideForwarded(sid, now: services.clock.now())
        apply()
    }

    /// Keeps a place for somebody who is to come from another room.
    func expect(_ participant: RoomParticipant) throws(JoinRefusal) { try state.expect(participant) }

    /// It does not come.
    func expectNoMore(_ sid: ParticipantSID) { state.expected[sid] = nil }

    func moveMedia(of sid: ParticipantSID, to other: RoomController) -> Bool {
        sessions[sid] != nil && media.move(sid, to: other.media)
    }

    /// Lets somebody go whose media has gone ahead. What the machine says about it now concerns nobody any more.
    func release(_ participant: RoomParticipant, to other: RoomController) -> Session? {
        let session = sessions.removeValue(forKey: participant.sid)
        moved[participant.sid] = other
        state.remove(participant.sid, reason: .migration, leave: nil, now: services.clock.now())
        apply()
        return session
    }

    /// Lets somebody in who comes from another room, and whose media is here already.
    func adopt(_ participant: RoomParticipant, _ session: Session) throws(JoinRefusal) {
        var session = session
        session.claims.video?.room = name
        sessions[participant.sid] = session
        // It may have been here before; then its socket is ours again.
        moved[participant.sid] = nil
        do {
            try state.adopt(participant, now: services.clock.now())
        } catch {
            sessions[participant.sid] = nil
            // The room ended while it was on its way.
            var leave = Livekit_LeaveRequest()
            leave.reason = .roomClosed
            leave.action = .disconnect
            session.outbox.send(.leave(leave))
            session.outbox.finish()
            media.send([.removeParticipant(participant.sid)])
            throw error
        }
        apply()
    }

    /// Tells a client to connect again, with a token for a room of another node.
    ///
    /// - Returns: `false` when nobody here has that identity.
    func sendAway(named identity: String, to room: String) -> Bool {
        guard let participant = participant(named: identity), !participant.isForwarded else { return false }
        sendAway(participant, to: room)
        return true
    }

    /// Tells a client to connect again, with a token for another room.
    func sendAway(_ participant: RoomParticipant, to room: String) {
        if let session = sessions[participant.sid] {
            var claims = session.claims
            claims.video?.room = room
            if let token = services.tokens.token(renewing: claims, for: participant) {
                session.outbox.send(.refreshToken(token))
            }
        }
        state.remove(participant.sid, reason: .migration, leave: .reconnect, now: services.clock.now())
        apply()
    }

    // MARK: Effects

    /// Carries out what the machine decided. Time and media that nothing follows from changed nothing either.
    private func apply(isAsked: Bool = true) {
        var commands: [MediaCommand] = []
        let effects = state.takeEffects()
        if isAsked || !effects.isEmpty { isChanged.store(true, ordering: .releasing) }
        for effect in effects {
            switch effect {
            case .signal(let sid, let message):
                send(message, to: sid)
            case .closeSignal(let sid):
                sessions.removeValue(forKey: sid)?.outbox.finish()
            case .hangUp(let sid):
                sessions[sid]?.outbox.finish()
            case .refreshToken(let sid):
                refreshToken(of: sid)
            case .media(let command):
                commands.append(command)
            case .webhook(let event):
                services.webhooks.notify(event)
                services.roomChanges.tell()
            case .agents(let command):
                services.agents.perform(command)
            case .startEgress(let request):
                services.egress.perform(request)
            case .rpcAnswered(let answer):
                calls.removeValue(forKey: answer.id)?.resume(returning: answer.result)
            case .notice(let notice):
                record(notice)
            }
        }
        if !commands.isEmpty {
            let now = services.clock.now()
            for command in commands { meter.note(command, now: now) }
            media.send(commands)
        }
        if !forwardings.isEmpty { forwardingWakes.continuation.yield() }
    }

    private func send(_ message: Livekit_SignalResponse.OneOf_Message, to sid: ParticipantSID) {
        var message = message
        if let claims = sessions[sid]?.claims { message.add(services.iceServers, for: sid, apiKey: claims.issuer) }
        if case .roomMoved(var response) = message, let claims = sessions[sid]?.claims,
            let participant = state.participants[sid]
        {
            response.token = services.tokens.token(renewing: claims, for: participant) ?? ""
            message = .roomMoved(response)
        }
        // Before `sessions` knows it, the newcomer's messages wait in the machine's effects, so none is lost here.
        guard let session = sessions[sid] else { return }
        let isQueued = session.outbox.send(message)
        services.counters.queued(message, succeeded: isQueued)
        guard !isQueued else { return }
        logger.warning("signalling too slow, cut off", metadata: ["participantID": "\(sid)"])
        services.counters.slowSignalReaders.increment()
    }

    private func refreshToken(of sid: ParticipantSID) {
        guard let session = sessions[sid], let participant = state.participants[sid],
            let token = services.tokens.token(renewing: session.claims, for: participant)
        else { return }
        session.outbox.send(.refreshToken(token))
    }

    private func record(_ notice: RoomNotice) {
        services.counters.count(notice)
        services.joins.hear(notice)
        services.peers?.hear(notice, in: name)
        services.totals.hear(notice)
        meter.note(notice, in: state, now: services.clock.now())
        logger.record(notice)
    }
}

extension Livekit_SignalResponse.OneOf_Message {
    /// Completes what begins a session with the relays that its client may use.
    fileprivate mutating func add(_ directory: ICEServerDirectory, for sid: ParticipantSID, apiKey: String) {
        switch self {
        case .join(var response):
            response.iceServers = directory.servers(
                for: sid, apiKey: apiKey, onlyTLS: response.clientConfiguration.forceRelay == .enabled)
            self = .join(response)
        case .reconnect(var response):
            response.iceServers = directory.servers(
                for: sid, apiKey: apiKey, onlyTLS: response.clientConfiguration.forceRelay == .enabled)
            self = .reconnect(response)
        default:
            break
        }
    }
}
