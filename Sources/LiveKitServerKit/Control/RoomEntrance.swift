internal import HTTPTypes
internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// The way into rooms, whichever node they are on: those of this node by themselves, those of others by a relay.
struct RoomEntrance: Sendable {
    let registry: RoomRegistry
    let services: ControlServices

    /// The API key in whose name sessions of tokens are renewed that another node verified without saying whose they are.
    var defaultIssuer: String { services.tokens.keys.keys.min() ?? "" }

    /// Whether somebody could join, without joining.
    func check(_ parameters: JoinParameters) async throws(HTTPFailure) {
        if parameters.resume == nil { try checkLoad() }
        do throws(JoinRefusal) {
            try await registry.checkToken(parameters.claims, room: parameters.room)
            try await registry.checkJoin(parameters.room, mayCreate: parameters.mayCreate)
        } catch {
            // What this node has not and would not make may be on another one.
            guard error == .roomNotFound || error == .unavailable, try await otherNode(of: parameters.room) != nil
            else {
                throw HTTPFailure(error)
            }
        }
    }

    /// Lets somebody in, or goes on with a session.
    func enter(_ parameters: JoinParameters) async throws(HTTPFailure) -> JoinedSession {
        guard services.peers != nil, await registry.room(named: parameters.room) == nil else {
            return try await enterHere(parameters)
        }
        let askedAt = services.clock.now()
        var attempt = 0
        while true {
            guard let node = try await destination(of: parameters) else { return try await enterHere(parameters) }
            do throws(RPCError) {
                return try await relay(parameters, to: node, attempt: attempt, askedAt)
            } catch {
                attempt += 1
                guard error.asksForAnotherTry, attempt < SignalRelayBounds.connectAttempts,
                    (try? await Task.sleep(for: SignalRelayBounds.connectPause)) != nil
                else {
                    services.counters.joining(.signalFailed)
                    services.counters.joining(.rtcCanceled)
                    throw HTTPFailure(error)
                }
            }
        }
    }

    /// Lets somebody into a room of this node whose socket is on another.
    func enterRelayed(_ parameters: JoinParameters) async throws(RPCError) -> JoinedSession {
        if await registry.room(named: parameters.room) == nil,
            try await services.peers?.otherNode(of: parameters.room) != nil
        {
            throw .notTheRoomsNode
        }
        do throws(HTTPFailure) {
            return try await enterHere(parameters)
        } catch {
            // The room has no place any more. Who is shed is told to come back later, and all others decide anew.
            let isPlacedAnew = error.status == .serviceUnavailable && error.retryAfter == nil
            if isPlacedAnew, await registry.room(named: parameters.room) == nil { throw .notTheRoomsNode }
            throw RPCError(error)
        }
    }

    // MARK: Here

    private func enterHere(_ parameters: JoinParameters) async throws(HTTPFailure) -> JoinedSession {
        if let request = parameters.resume { return await resume(request, parameters) }
        do {
            return try await join(parameters)
        } catch {
            await giveUp(parameters.room)
            throw error
        }
    }

    /// A room that was to be here and is not made may be made elsewhere by who asks for it next.
    private func giveUp(_ room: String) async {
        guard let peers = services.peers, await registry.room(named: room) == nil else { return }
        await peers.giveUp(room)
    }

    private func join(_ parameters: JoinParameters) async throws(HTTPFailure) -> JoinedSession {
        let askedAt = services.clock.now()
        let ticket = try begin()
        do {
            var session = try await registry.join(
                parameters.room, parameters.intent, claims: parameters.claims, ticket: ticket)
            session.asked = (askedAt, parameters.intent.client.protocol)
            return session
        } catch {
            services.joins.giveUp(ticket)
            services.counters.joining(error == .roomNotFound ? .signalValidationFailed : .signalFailed)
            services.counters.joining(.rtcCanceled)
            throw HTTPFailure(error)
        }
    }

    /// A refusal is told over the socket, in words that the client acts upon.
    private func resume(_ request: ResumeRequest, _ parameters: JoinParameters) async -> JoinedSession {
        do {
            return try await registry.resume(
                parameters.room, request, parameters.intent, claims: parameters.claims)
        } catch {
            services.counters.resumesRefused.increment()
            return JoinedSession(refusingResumeOf: parameters.intent.client)
        }
    }

    /// Begins a join, unless the node has too much to do.
    private func begin() throws(HTTPFailure) -> JoinAdmission.Ticket {
        do {
            return try services.joins.begin()
        } catch {
            services.counters.joinShed(error)
            throw HTTPFailure(error)
        }
    }

    private func checkLoad() throws(HTTPFailure) {
        do {
            try services.joins.check()
        } catch {
            throw HTTPFailure(error)
        }
    }

    // MARK: Elsewhere

    private func relay(
        _ parameters: JoinParameters, to node: String, attempt: Int, _ askedAt: MediaInstant
    ) async throws(RPCError) -> JoinedSession {
        guard let peers = services.peers else { throw .noResponse }
        let (relay, answer) = try await SignalRelay.open(
            parameters, to: node, of: peers, clock: services.clock,
            patience: SignalRelayBounds.answerTimeout(attempt: attempt))
        var sid = parameters.resume?.session ?? ""
        if case .join(let join) = answer.message { sid = join.participant.sid }
        var session = JoinedSession(relay: relay, participant: ParticipantSID(rawValue: sid))
        if parameters.resume == nil { session.asked = (askedAt, parameters.intent.client.protocol) }
        return session
    }

    /// The other node to go to; `nil` for this one. A session is gone on with where its room is, and nowhere else.
    private func destination(of parameters: JoinParameters) async throws(HTTPFailure) -> String? {
        let isMade = await registry.opensByJoining || parameters.mayCreate
        guard parameters.resume == nil, isMade else { return try await otherNode(of: parameters.room) }
        do throws(RPCError) {
            return try await services.peers?.place(parameters.room)
        } catch {
            throw HTTPFailure(error)
        }
    }

    private func otherNode(of room: String) async throws(HTTPFailure) -> String? {
        do throws(RPCError) {
            return try await services.peers?.otherNode(of: room)
        } catch {
            throw HTTPFailure(error)
        }
    }
}

extension JoinParameters {
    /// Whether the room is made for who may create rooms, even where joining makes none.
    fileprivate var mayCreate: Bool { claims.video?.roomCreate == true }
}
