import LiveKitCore
import LiveKitTestSupport

@testable import LiveKitRTC

/// A peer whose every byte the test decides, opposite an agent under test.
struct ScriptedPeer {
    static let host = ICECall.address("203.0.113.9", 7000)
    static let otherHost = ICECall.address("203.0.113.10", 7000)
    static let agentHost = ICECall.address("203.0.113.1", 5000)

    let credentials = ICECredentials(ufrag: "peerUfrag", password: "peerPasswordOf24Letters!")
    private var nextID: UInt64 = 1

    /// An agent that knows the peer's credentials and candidates.
    static func agent(
        _ role: ICERole, peer: ScriptedPeer, tieBreaker: UInt64 = 100, candidates: [TransportAddress] = [host],
        configuration: ICEConfiguration = ICEConfiguration()
    ) -> ScriptedAgent {
        var agent = ICEAgent(
            role: role, local: ICECredentials(ufrag: "agentUfrag", password: "agentPasswordOf24Letters"),
            configuration: configuration, random: DeterministicRandom(seed: 5), tieBreaker: tieBreaker)
        agent.addLocalCandidate(ICECandidate(host: agentHost), now: .start)
        agent.setRemoteCredentials(peer.credentials, now: .start)
        for (index, address) in candidates.enumerated() {
            agent.addRemoteCandidate(
                ICECandidate(host: address, preference: .max - UInt16(index)), now: .start)
        }
        return ScriptedAgent(agent)
    }

    /// A check of the peer's.
    mutating func check(_ more: [STUNAttribute], role: ICERole = .controlling, tieBreaker: UInt64 = 7) -> [UInt8] {
        nextID += 1
        let claim: STUNAttribute = role == .controlling ? .iceControlling(tieBreaker) : .iceControlled(tieBreaker)
        return STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(high: 9, low: nextID),
            attributes: [.username("agentUfrag:peerUfrag"), claim, .priority(1_853_824_767)] + more
        ).encoded(key: STUNKey(password: "agentPasswordOf24Letters"))
    }

    /// The answer to a check of the agent's.
    func answer(_ request: ICETransmit) throws -> [UInt8] {
        let id = try STUNMessage(parsing: request.bytes).transactionID
        return STUNMessage(
            class: .success, method: .binding, transactionID: id,
            attributes: [.xorMappedAddress(ScriptedPeer.agentHost)]
        ).encoded(key: STUNKey(password: credentials.password))
    }

    func refusal(_ request: ICETransmit, _ error: STUNErrorCode) throws -> [UInt8] {
        let id = try STUNMessage(parsing: request.bytes).transactionID
        return STUNMessage(class: .error, method: .binding, transactionID: id, attributes: [.errorCode(error)])
            .encoded(key: STUNKey(password: credentials.password))
    }
}

/// An agent in a class: noncopyable values cannot pass through `#expect`.
final class ScriptedAgent {
    private(set) var agent: ICEAgent

    init(_ agent: consuming ICEAgent) {
        self.agent = agent
    }

    var state: ICEState { agent.state }
    var role: ICERole { agent.role }
    var selectedPath: ICEPath? { agent.selectedPath }
    var statistics: ICEStatistics { agent.statistics }
    var deadline: MediaInstant? { agent.deadline }
    var localUfrags: [String] { agent.localUfrags }
    var unresolvedCount: Int { agent.unresolvedNames.count }
    var pairStates: [ICECandidatePair.State] { agent.checklist.pairs.map(\.state) }

    func isValid(remote: TransportAddress, local: TransportAddress, transport: ICETransport) -> Bool {
        agent.isValid(remote: remote, local: local, transport: transport)
    }

    /// Runs several calls in a row.
    func change(_ body: (inout ICEAgent) -> Void) {
        body(&agent)
    }

    func handleTimeout(at time: MediaDuration) {
        agent.handleTimeout(now: .start + time)
    }

    func take(
        _ bytes: [UInt8], from remote: TransportAddress = ScriptedPeer.host, at time: MediaDuration,
        over transport: ICETransport = .udp
    ) {
        let local = transport == .udp ? ScriptedPeer.agentHost : TransportAddress(ipv4: 0, port: 0)
        agent.receive(bytes.rawSpan, from: remote, to: local, transport: transport, now: .start + time)
    }

    func nextTransmit() -> ICETransmit? { agent.pollTransmit() }

    func allTransmits() -> [ICETransmit] {
        var all: [ICETransmit] = []
        while let next = agent.pollTransmit() { all.append(next) }
        return all
    }

    func allEvents() -> [ICEEvent] {
        var all: [ICEEvent] = []
        while let next = agent.pollEvent() { all.append(next) }
        return all
    }

    /// The agent's own checks among what it wants to send.
    func checks() -> [ICETransmit] {
        allTransmits().filter { (try? STUNMessage(parsing: $0.bytes))?.messageClass == .request }
    }

    func responses() -> [ICETransmit] {
        allTransmits().filter { (try? STUNMessage(parsing: $0.bytes))?.messageClass != .request }
    }
}
