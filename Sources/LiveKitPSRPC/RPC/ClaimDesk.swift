internal import LiveKitCore
internal import LiveKitProtobuf

/// Asks for requests on behalf of a server, and hears whose they are.
actor ClaimDesk {
    private let service: String
    private let server: String
    private let bus: any MessageBus
    private let clock: RPCClock
    private let counters: RPCCounters
    private var waiting: [String: AsyncStream<String>.Continuation] = [:]

    init(service: String, server: String, bus: any MessageBus, clock: RPCClock, counters: RPCCounters) {
        (self.service, self.server, self.bus) = (service, server, bus)
        (self.clock, self.counters) = (clock, counters)
    }

    /// A word of a client on whom it chose.
    func receive(_ bytes: [UInt8]) {
        guard let choice: PSRPCClaimResponse = Envelope.open(bytes) else { return counters.malformed.increment() }
        waiting[choice.requestID]?.yield(choice.serverID)
    }

    /// Bids for a request and waits for the client's choice.
    ///
    /// - Returns: Whether it is this server; not if nobody was chosen in the request's time.
    func wins(_ requestID: String, of client: String, affinity: Float, expiry: Int64) async -> Bool {
        guard affinity >= 0 else { return false }
        let (choices, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
        waiting[requestID] = continuation
        defer { waiting[requestID] = nil }
        var bid = PSRPCClaimRequest()
        bid.requestID = requestID
        bid.serverID = server
        bid.affinity = affinity
        do {
            try await bus.send(bid, on: ChannelName.claimRequests(service, client: client))
        } catch {
            counters.unsent.increment()
            return false
        }
        let patience = min(clock.remaining(until: expiry), RPCBounds.longestClaim)
        return await first(of: choices, within: patience) == server
    }
}
