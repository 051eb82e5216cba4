internal import LiveKitProtobuf
internal import LiveKitRTC

/// One session in a room, from the first signalling message to the last: signalling, both media connections, what is
/// published and subscribed to.
///
/// ```
///   Room ──► RoomSession ──┬─► SignalClient        messages
///     ▲          │         ├─► publisher           offers: what we send
///     └─ events ─┘         └─► subscriber          answers: what we receive
/// ```
actor RoomSession {
    /// What can be waited for besides answers to requests.
    enum Milestone: Hashable, Sendable {
        case join
        case connected(TransportRole)
        case channel(String)
        /// The answer to the offer of that number.
        case answer(UInt32)
    }

    weak var room: Room?
    nonisolated let signal: SignalClient
    let endpoint: SignalEndpoint
    let connectOptions: ConnectOptions
    let roomOptions: RoomOptions

    var milestones = PendingReplies<Milestone, Void>()
    var trackReplies = PendingReplies<String, Livekit_TrackInfo>()
    var requestReplies = PendingReplies<UInt32, Void>()
    var nextRequestID: UInt32 = 1

    var join = Livekit_JoinResponse()
    var isJoined = false
    /// Why the session ended, as whoever waits for it learns; `nil` while it has not.
    private(set) var ending: LiveKitError?
    var isEnded: Bool { ending != nil }
    var publisher: MediaTransport?
    var subscriber: MediaTransport?
    var transportStates: [TransportRole: PeerConnection.State] = [:]
    var openChannels: Set<String> = []
    var hasDataChannels = false
    var isNegotiating = false
    var negotiationWaiters: [CheckedContinuation<Void, Never>] = []
    /// The number of the offer that waits for its answer.
    var currentOffer: UInt32?

    var publications: [Track.Sid: PublishedTrack] = [:]
    /// What the server sends, by section; without a publication while that one is not announced yet.
    var received: [String: ReceivedTrack] = [:]
    var reliableSequence: UInt32 = 0
    /// The newest reliable message of each sender.
    var newestMessages: [String: UInt32] = [:]
    var pingSentAt: [Int64: ContinuousClock.Instant] = [:]
    var lastPongAt = ContinuousClock.now
    var signalRoundTrip = Duration.zero

    let startedAt = ContinuousClock.now

    private let transportEvents: AsyncStream<TransportEvent>
    let transportEventsEnd: AsyncStream<TransportEvent>.Continuation
    private var tasks: [Task<Void, Never>] = []

    init(
        room: Room, signal: SignalClient, endpoint: SignalEndpoint, connectOptions: ConnectOptions,
        roomOptions: RoomOptions
    ) {
        self.room = room
        self.signal = signal
        self.endpoint = endpoint
        self.connectOptions = connectOptions
        self.roomOptions = roomOptions
        (transportEvents, transportEventsEnd) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(ClientMediaLimits.transportEvents))
    }

    // MARK: Beginning

    /// Runs the signalling connection and waits until the room is joined and its media connection stands.
    func join() async throws(LiveKitError) {
        tasks.append(Task { await self.runSignal() })
        tasks.append(Task { await self.runTransportEvents() })
        if !isJoined { try await wait(for: .join, timeout: connectOptions.socketConnectTimeoutInterval) }
        tasks.append(Task { await self.runPings() })
        guard join.subscriberPrimary else {
            try await openPublisherConnection()
            return
        }
        if transportStates[.subscriber] != .connected {
            try await wait(for: .connected(.subscriber), timeout: connectOptions.primaryTransportConnectTimeout)
        }
    }

    private func runSignal() async {
        do {
            try await signal.run { [weak self] response in await self?.receive(response) }
            end(DisconnectReason.signalClose.error)
        } catch {
            end(.wrapping(error))
        }
    }

    private func runTransportEvents() async {
        for await event in transportEvents { receive(event) }
    }

    func makeTransports() async throws(LiveKitError) {
        let plan = gatheringPlan
        subscriber = try await MediaEngine.shared.makeTransport(
            isOfferer: false, plan: plan, events: transportEventsEnd)
        publisher = try await MediaEngine.shared.makeTransport(isOfferer: true, plan: plan, events: transportEventsEnd)
        if isEnded { closeTransports() }
        if !plan.servers.isEmpty || plan.policy == .relay { tasks.append(Task { await self.gather(plan) }) }
    }

    private func receive(_ event: TransportEvent) {
        switch event {
        case .stateChanged(let role, let state):
            transportStates[role] = state
            if state == .connected { milestones.resolve(.connected(role), .success(())) }
            if state == .failed { end(DisconnectReason.mediaFailure.error) }
        case .channelOpened(.publisher, let label):
            openChannels.insert(label)
            milestones.resolve(.channel(label), .success(()))
        case .channelOpened(.subscriber, _): break
        case .message(let label, let bytes): receive(message: bytes, label: label)
        case .candidate(let role, let text): announce(candidate: text, of: role)
        }
    }

    // MARK: Waiting

    func wait(for milestone: Milestone, timeout: Duration) async throws(LiveKitError) {
        if let ending { throw ending }
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: timeout)) != nil else { return }
            await self?.expire(milestone)
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { milestones.add(milestone, $0) }
        } onCancel: {
            Task { await self.cancel(milestone) }
        }
        try result.get()
    }

    private func expire(_ milestone: Milestone) {
        let what =
            switch milestone {
            case .join: "The server sent no join response."
            case .connected: "The media connection took too long."
            case .channel: "The data channel took too long to open."
            case .answer: "The server answered no offer."
            }
        milestones.resolve(milestone, .failure(LiveKitError(.timedOut, message: what)))
    }

    private func cancel(_ milestone: Milestone) {
        milestones.resolve(milestone, .failure(LiveKitError(.cancelled)))
    }

    // MARK: Ending

    func send(_ request: SignalClient.Request) throws(LiveKitError) {
        guard !isEnded else { throw LiveKitError(.invalidState, message: "The room is not connected.") }
        try signal.send(request)
    }

    /// We leave.
    func leave() {
        var request = Livekit_LeaveRequest()
        request.reason = .clientInitiated
        request.action = .disconnect
        // A connection that is gone already needs no farewell.
        try? signal.send(.leave(request))
        end(nil)
    }

    /// Ends the session, once. `nil` when we wanted it.
    func end(_ error: LiveKitError?) {
        guard !isEnded else { return }
        let failure = error ?? LiveKitError(.cancelled, message: "The session ended.")
        ending = failure
        signal.close()
        closeTransports()
        transportEventsEnd.finish()
        milestones.failAll(failure)
        trackReplies.failAll(failure)
        requestReplies.failAll(failure)
        for waiter in negotiationWaiters { waiter.resume() }
        negotiationWaiters = []
        publications = [:]
        received = [:]
        for task in tasks.dropFirst() { task.cancel() }
        tasks = []
        room?.sessionEnded(error)
    }

    private func closeTransports() {
        publisher?.close()
        subscriber?.close()
        publisher = nil
        subscriber = nil
    }

    /// The room is gone, and nobody waits for the session's end.
    nonisolated func abandon() {
        Task { await self.leave() }
    }
}
