package import LiveKitCore

/// Asks STUN servers at which address they see one UDP socket: for a server-reflexive candidate, or a server's
/// external address.
///
/// It owns the transactions with their retransmission (RFC 8489 §6.2.1), not the socket nor the servers' names. The
/// owner sends what ``pollTransmit()`` returns from the socket in question, passes in what comes back, and calls
/// ``handleTimeout(now:)`` no later than ``deadline``.
package struct STUNDiscovery: ~Copyable {
    package enum Event: Hashable, Sendable {
        /// `server` saw the socket at `address`.
        case mapped(TransportAddress, server: TransportAddress)
        /// `server` refused, or did not answer.
        case unanswered(server: TransportAddress)
    }

    /// How a NAT on the way treats us, as far as the answers show (RFC 5780 §4.3 asks two servers for it).
    package enum Mapping: Hashable, Sendable {
        /// Fewer than two servers answered.
        case unknown
        /// All saw the same address: what one learns is good for others.
        case endpointIndependent
        /// They saw different ones: a server-reflexive candidate is of no use.
        case dependent
    }

    private struct Query {
        let server: TransportAddress
        let id: STUNTransactionID
        let bytes: [UInt8]
        var transmissions = 0
        var wait: MediaDuration
        /// `nil` once over.
        var nextAt: MediaInstant?
    }

    private let configuration: STUNDiscoveryConfiguration
    private var random: DeterministicRandom
    private var queries: [Query] = []
    private var answers: [TransportAddress] = []
    private var events: [Event] = []
    private var transmits: [(bytes: [UInt8], server: TransportAddress)] = []

    /// Prepares one request for each server. `random` must be seeded from the caller's cryptographic source: only
    /// the transaction's id tells an answer from a forgery.
    package init(
        servers: [TransportAddress], configuration: STUNDiscoveryConfiguration = STUNDiscoveryConfiguration(),
        random: DeterministicRandom
    ) {
        self.configuration = configuration
        self.random = random
        add(servers)
    }

    /// Prepares a request for each server that is not known yet; ``start(now:)`` sends them.
    package mutating func add(_ servers: [TransportAddress]) {
        for server in servers where !queries.contains(where: { $0.server == server }) {
            guard queries.count < STUNDiscoveryLimits.servers else { return }
            let id = STUNTransactionID(using: &random)
            let request = STUNMessage(class: .request, method: .binding, transactionID: id)
            queries.append(
                Query(server: server, id: id, bytes: request.encoded(), wait: configuration.firstRetransmission))
        }
    }

    // MARK: What is known

    /// Whether every server has answered or was given up.
    package var isFinished: Bool { queries.allSatisfy { $0.nextAt == nil && $0.transmissions > 0 } }

    /// The address that the first answer gave.
    package var mappedAddress: TransportAddress? { answers.first }

    package var mapping: Mapping {
        guard let first = answers.first, answers.count > 1 else { return .unknown }
        return answers.allSatisfy { $0 == first } ? .endpointIndependent : .dependent
    }

    package var deadline: MediaInstant? {
        queries.reduce(nil) { .earliest($0, $1.nextAt) }
    }

    // MARK: Inputs

    /// Sends the first requests of those that were not asked yet.
    package mutating func start(now: MediaInstant) {
        for index in queries.indices where queries[index].transmissions == 0 { transmit(index, now: now) }
    }

    /// Takes a datagram.
    ///
    /// - Returns: Whether it answered one of our requests; others are for whoever else uses the socket.
    package mutating func receive(_ datagram: RawSpan, from source: TransportAddress, now: MediaInstant) -> Bool {
        guard STUNMessage.looksLikeSTUN(datagram), let response = try? STUNMessage(parsing: datagram),
            response.method == .binding, response.messageClass == .success || response.messageClass == .error,
            let index = queries.firstIndex(where: { $0.id == response.transactionID }),
            queries[index].server == source
        else { return false }
        // A second answer to one request says nothing new (RFC 8489 §6.3.3).
        guard queries[index].nextAt != nil else { return true }
        queries[index].nextAt = nil
        if response.messageClass == .success, response.unknownRequiredTypes.isEmpty,
            let address = response.mappedAddress, !address.isUnspecified, address.port != 0
        {
            answers.append(address)
            events.append(.mapped(address, server: source))
        } else {
            events.append(.unanswered(server: source))
        }
        return true
    }

    /// Repeats or gives up what is due. Spurious calls do no harm.
    package mutating func handleTimeout(now: MediaInstant) {
        for index in queries.indices {
            guard let nextAt = queries[index].nextAt, nextAt <= now else { continue }
            if queries[index].transmissions < configuration.transmissions {
                transmit(index, now: now)
            } else {
                queries[index].nextAt = nil
                events.append(.unanswered(server: queries[index].server))
            }
        }
    }

    // MARK: Outputs

    /// The next request to send.
    package mutating func pollTransmit() -> (bytes: [UInt8], server: TransportAddress)? {
        transmits.isEmpty ? nil : transmits.removeFirst()
    }

    /// The next outcome. There is one for each server.
    package mutating func pollEvent() -> Event? {
        events.isEmpty ? nil : events.removeFirst()
    }

    private mutating func transmit(_ index: Int, now: MediaInstant) {
        queries[index].transmissions += 1
        transmits.append((bytes: queries[index].bytes, server: queries[index].server))
        let isLast = queries[index].transmissions >= configuration.transmissions
        let wait = isLast ? configuration.firstRetransmission * configuration.finalWait : queries[index].wait
        queries[index].nextAt = now + wait
        queries[index].wait = queries[index].wait * 2
    }
}
