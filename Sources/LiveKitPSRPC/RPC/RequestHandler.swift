internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// Answers requests for one method and topic.
actor RequestHandler {
    /// A request that was read.
    struct Work: Sendable {
        /// How much the server would like it; below zero, not at all.
        let affinity: @Sendable () async -> Float
        /// Is told how long the caller still waits.
        let perform: @Sendable (MediaDuration) async throws(RPCError) -> Data
    }

    /// What a handler stands on.
    struct Context: Sendable {
        let service: String
        let server: String
        let bus: any MessageBus
        let clock: RPCClock
        let counters: RPCCounters

        var desk: ClaimDesk {
            ClaimDesk(service: service, server: server, bus: bus, clock: clock, counters: counters)
        }
    }

    private let context: Context
    private let desk: ClaimDesk
    private let requiresClaim: Bool
    private let read: @Sendable (Data) throws(RPCError) -> Work
    private var atWork = 0

    init(_ context: Context, requiresClaim: Bool, read: @escaping @Sendable (Data) throws(RPCError) -> Work) {
        self.context = context
        self.requiresClaim = requiresClaim
        self.read = read
        desk = context.desk
    }

    /// Answers until the subscription to requests is cancelled, and then until those at work are done.
    func run(requests: BusSubscription, choices: BusSubscription?) async {
        await withDiscardingTaskGroup { group in
            if let choices {
                group.addTask { [desk] in for await bytes in choices.messages { await desk.receive(bytes) } }
            }
            await withDiscardingTaskGroup { group in
                for await bytes in requests.messages {
                    guard let request: PSRPCRequest = Envelope.open(bytes) else {
                        context.counters.malformed.increment()
                        continue
                    }
                    group.addTask { await self.receive(request) }
                }
            }
            choices?.cancel()
        }
    }

    // MARK: Inside

    private func receive(_ request: PSRPCRequest) async {
        guard context.clock.unixNanoseconds() < request.expiry else { return context.counters.expired.increment() }
        guard atWork < RPCBounds.requestsAtWork else {
            context.counters.refused.increment()
            return await answer(request, .failure(RPCError(.resourceExhausted, "too many requests at work")))
        }
        atWork += 1
        defer { atWork -= 1 }
        guard let result = await work(on: request) else { return }
        context.counters.handled.increment()
        await answer(request, result)
    }

    /// `nil` when another server has the request.
    private func work(on request: PSRPCRequest) async -> Result<Data, RPCError>? {
        do throws(RPCError) {
            let work = try read(request.rawRequest)
            if requiresClaim {
                let isOurs = await desk.wins(
                    request.requestID, of: request.clientID, affinity: await work.affinity(), expiry: request.expiry)
                guard isOurs else { return nil }
            }
            return await perform(work, until: request.expiry)
        } catch {
            return .failure(error)
        }
    }

    /// Does it, and cancels it when its caller waits no longer.
    private func perform(_ work: Work, until expiry: Int64) async -> Result<Data, RPCError> {
        let patience = min(context.clock.remaining(until: expiry), RPCBounds.longestRequest)
        return await withTaskGroup(of: Result<Data, RPCError>?.self) { group in
            group.addTask {
                do throws(RPCError) { return .success(try await work.perform(patience)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: Duration(patience))
                return nil
            }
            var result: Result<Data, RPCError>?
            for await outcome in group {
                result = result ?? outcome
                group.cancelAll()
            }
            return result ?? .failure(.requestCanceled)
        }
    }

    private func answer(_ request: PSRPCRequest, _ result: Result<Data, RPCError>) async {
        var response = PSRPCResponse()
        response.requestID = request.requestID
        response.serverID = context.server
        response.sentAt = context.clock.unixNanoseconds()
        switch result {
        case .success(let payload): response.rawResponse = payload
        case .failure(let error):
            // An empty text would read as success.
            response.error = error.message.isEmpty ? error.code.rawValue : error.message
            response.code = error.code.rawValue
            response.errorDetails = error.details
        }
        do {
            try await context.bus.send(
                response, on: ChannelName.responses(context.service, client: request.clientID))
        } catch {
            context.counters.unsent.increment()
        }
    }
}
