internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// One request on its way to one answer: bids, the choice among them, the answer, and the time for it all.
///
/// A machine on given time. Whoever drives it publishes what it gives.
struct CallState: Sendable {
    enum Output: Equatable, Sendable {
        /// To tell the servers.
        case choose(PSRPCClaimResponse)
        case finish(Result<Data, RPCError>)
    }

    private enum Phase {
        case selecting(ServerSelection)
        case waiting
        case finished
    }

    private let requestID: String
    private let end: MediaInstant
    private var phase: Phase
    private var outputs: [Output] = []

    /// Without a selection where servers need not ask.
    init(requestID: String, timeout: MediaDuration, selection: RPCSelection?, now: MediaInstant) {
        self.requestID = requestID
        end = now + timeout
        phase = selection.map { .selecting(ServerSelection($0, end: now + timeout, now: now)) } ?? .waiting
    }

    var deadline: MediaInstant? {
        switch phase {
        case .selecting(let selection): selection.deadline
        case .waiting: end
        case .finished: nil
        }
    }

    mutating func pollOutput() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }

    mutating func receive(_ bid: PSRPCClaimRequest, now: MediaInstant) {
        guard case .selecting(var selection) = phase else { return }
        selection.receive(bid, now: now)
        proceed(selection)
    }

    mutating func receive(_ response: PSRPCResponse, now: MediaInstant) {
        let failure = RPCError(response)
        switch phase {
        case .selecting(var selection):
            if let failure { selection.receive(failure) }
            phase = .selecting(selection)
        case .waiting:
            finish(failure.map { .failure($0) } ?? .success(response.rawResponse))
        case .finished:
            break
        }
    }

    mutating func handleTimeout(now: MediaInstant) {
        if case .selecting(var selection) = phase {
            selection.handleTimeout(now: now)
            proceed(selection)
        }
        if case .waiting = phase, end <= now { finish(.failure(.requestTimedOut)) }
    }

    // MARK: Inside

    private mutating func proceed(_ selection: ServerSelection) {
        switch selection.outcome {
        case nil:
            phase = .selecting(selection)
        case .success(let server):
            var choice = PSRPCClaimResponse()
            choice.requestID = requestID
            choice.serverID = server
            outputs.append(.choose(choice))
            phase = .waiting
        case .failure(let error):
            finish(.failure(error))
        }
    }

    private mutating func finish(_ result: Result<Data, RPCError>) {
        outputs.append(.finish(result))
        phase = .finished
    }
}
