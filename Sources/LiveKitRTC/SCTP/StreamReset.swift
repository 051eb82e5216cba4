internal import LiveKitCore

/// Resetting streams, in both directions.
///
/// - SeeAlso: [RFC 6525 §5](https://www.rfc-editor.org/rfc/rfc6525#section-5).
struct StreamReset {
    /// Our request that waits for its answer. There is one at a time.
    private struct Request {
        var parameter: OutgoingResetRequestParameter
        var timer = BackoffTimer()
        var isDue = true
        /// The peer answered "in progress". It is asked again under a new number: one that was answered, some
        /// stacks (dcsctp) answer the same way for ever.
        var needsNewSequence = false
    }

    /// What to do for a request of the peer.
    enum Incoming: Hashable {
        /// Everything sent before has arrived: reset these (none: all), then answer.
        case perform([StreamID])
        /// Wait until the chunk with this TSN has arrived.
        case wait([StreamID], until: TSN)
        /// Only the answer is to be sent.
        case answer
    }

    /// Streams to be reset that no request names yet.
    private var wanted = RingQueue<StreamID>()
    private var areWanted: Set<StreamID> = []
    private var request: Request?
    private var nextSequence: UInt32
    private var expectedSequence: UInt32
    private var lastResult: ReconfigurationResponseParameter.Result = .nothingToDo
    private var waiting: OutgoingResetRequestParameter?
    private var responses: [ReconfigurationResponseParameter] = []

    /// Both counters begin with the initial TSN of the side that asks (RFC 6525 §4.1).
    init(localInitialTSN: TSN, peerInitialTSN: TSN) {
        nextSequence = localInitialTSN.rawValue
        expectedSequence = peerInitialTSN.rawValue
    }

    var deadline: MediaInstant? { request?.timer.deadline }
    var expirations: Int { request?.timer.expirations ?? 0 }
    var hasOutput: Bool { !responses.isEmpty || request?.isDue == true || (request == nil && !wanted.isEmpty) }

    // MARK: Outgoing

    /// Whether a request that waits for its answer names `stream`.
    func isRequested(_ stream: StreamID) -> Bool {
        request?.parameter.streams.contains(stream) == true
    }

    mutating func reset(_ stream: StreamID) {
        guard !isRequested(stream), areWanted.insert(stream).inserted else { return }
        wanted.append(stream)
    }

    /// The parameters that are due.
    mutating func poll(lastAssignedTSN: TSN, now: MediaInstant, timeout: RetransmissionTimeout) -> [SCTPParameter] {
        var parameters = responses.map { SCTPParameter.reconfigurationResponse($0) }
        responses.removeAll()
        if request == nil, !wanted.isEmpty {
            request = Request(
                parameter: OutgoingResetRequestParameter(
                    requestSequence: takeSequence(), responseSequence: expectedSequence &- 1,
                    lastAssignedTSN: lastAssignedTSN, streams: takeWanted()))
        }
        if request?.isDue == true, request?.needsNewSequence == true {
            let sequence = takeSequence()
            request?.parameter.requestSequence = sequence
            request?.needsNewSequence = false
        }
        if let due = request, due.isDue {
            parameters.append(.outgoingResetRequest(due.parameter))
            request?.isDue = false
            if !due.timer.isRunning { request?.timer.start(now: now, timeout: timeout) }
        }
        return parameters
    }

    private mutating func takeWanted() -> [StreamID] {
        var streams: [StreamID] = []
        while streams.count < SCTPLimits.resetStreams, let stream = wanted.popFirst() {
            areWanted.remove(stream)
            streams.append(stream)
        }
        return streams
    }

    private mutating func takeSequence() -> UInt32 {
        defer { nextSequence &+= 1 }
        return nextSequence
    }

    /// - Returns: the streams whose sequence numbers now begin anew.
    mutating func receive(
        _ response: ReconfigurationResponseParameter, now: MediaInstant, timeout: RetransmissionTimeout
    ) -> [StreamID] {
        guard let current = request, response.responseSequence == current.parameter.requestSequence
        else { return [] }
        switch response.result {
        case .inProgress, .alreadyInProgress:
            // The peer is there, and is asked again after another timeout (RFC 6525 §5.2.7).
            request?.timer.start(now: now, timeout: timeout)
            request?.isDue = false
            request?.needsNewSequence = true
            return []
        default:
            // A refusal is no different from consent: nothing more can be done for the stream than to leave it
            // alone.
            return completeRequest()
        }
    }

    /// The peer's behaviour proves that it performed our request, though its answer was lost.
    mutating func completeRequest() -> [StreamID] {
        let streams = request?.parameter.streams ?? []
        request = nil
        return streams
    }

    /// - Returns: whether the timer expired.
    mutating func handleTimeout(now: MediaInstant, timeout: RetransmissionTimeout) -> Bool {
        guard request?.timer.expire(now: now, timeout: timeout) == true else { return false }
        request?.isDue = true
        return true
    }

    // MARK: Incoming

    mutating func receive(_ incoming: OutgoingResetRequestParameter, received: ReceivedTSNs) -> Incoming {
        guard admits(incoming.requestSequence) else { return .answer }
        guard received.cumulativeTSN.distance(to: incoming.lastAssignedTSN) <= 0 else {
            waiting = incoming
            answer(incoming.requestSequence, .inProgress)
            return .wait(incoming.streams, until: incoming.lastAssignedTSN)
        }
        waiting = nil
        answer(incoming.requestSequence, .performed)
        return .perform(incoming.streams)
    }

    /// A request whose streams are ours to reset.
    ///
    /// - Returns: the streams, when the request is new.
    mutating func receive(_ incoming: IncomingResetRequestParameter) -> [StreamID] {
        guard admits(incoming.requestSequence) else { return [] }
        answer(incoming.requestSequence, .performed)
        return incoming.streams
    }

    /// Refuses a request of a kind that data channels have no use for.
    mutating func refuse(sequence: UInt32) {
        guard admits(sequence) else { return }
        answer(sequence, .denied)
    }

    /// The streams of the request that waited for chunks, once they have arrived.
    mutating func takeReady(received: ReceivedTSNs) -> [StreamID]? {
        guard let ready = waiting, received.cumulativeTSN.distance(to: ready.lastAssignedTSN) <= 0 else { return nil }
        waiting = nil
        answer(ready.requestSequence, .performed)
        return ready.streams
    }

    /// Whether a request is to be looked at: a new one, or one that is still in progress. What was answered
    /// before is answered again in the same way.
    private mutating func admits(_ sequence: UInt32) -> Bool {
        if sequence == expectedSequence { return true }
        guard sequence == expectedSequence &- 1 else {
            respond(sequence, .badSequenceNumber)
            return false
        }
        if lastResult == .inProgress { return true }
        respond(sequence, lastResult)
        return false
    }

    private mutating func answer(_ sequence: UInt32, _ result: ReconfigurationResponseParameter.Result) {
        expectedSequence = sequence &+ 1
        lastResult = result
        respond(sequence, result)
    }

    private mutating func respond(_ sequence: UInt32, _ result: ReconfigurationResponseParameter.Result) {
        // One answer for each request, and a packet holds few requests that matter: the newest win.
        if responses.count >= 8 { responses.removeFirst() }
        responses.append(ReconfigurationResponseParameter(responseSequence: sequence, result: result))
    }
}
