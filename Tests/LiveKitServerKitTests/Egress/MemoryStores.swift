import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf

@testable import LiveKitServerKit

/// What Redis would remember of egresses.
actor MemoryEgressStore: EgressStore {
    private var infos: [String: Livekit_EgressInfo] = [:]

    func add(_ info: Livekit_EgressInfo) { infos[info.egressID] = info }

    func update(_ info: Livekit_EgressInfo) { infos[info.egressID] = info }

    func load(_ id: String) throws(RPCError) -> Livekit_EgressInfo {
        guard let info = infos[id] else { throw .egressNotFound }
        return info
    }

    func list(room: String, isActive: Bool) -> [Livekit_EgressInfo] {
        infos.values.filter { (room.isEmpty || $0.roomName == room) && (!isActive || $0.isActive) }
    }

    func removeEnded(before unixNanoseconds: Int64) {
        infos = infos.filter { $0.value.endedAt == 0 || $0.value.endedAt >= unixNanoseconds }
    }
}

/// What Redis would remember of ingresses.
actor MemoryIngressStore: IngressStore {
    private var infos: [String: Livekit_IngressInfo] = [:]
    private var states: [String: Livekit_IngressState] = [:]

    func write(_ info: Livekit_IngressInfo) { infos[info.ingressID] = info }

    @discardableResult
    func write(_ state: Livekit_IngressState, of id: String) throws(RPCError) -> Bool {
        if let old = states[id], try !state.supersedes(old) { return false }
        states[id] = state
        return true
    }

    func load(_ id: String) throws(RPCError) -> Livekit_IngressInfo {
        guard var info = infos[id] else { throw .ingressNotFound }
        info.state = states[id] ?? Livekit_IngressState()
        return info
    }

    func load(streamKey: String) throws(RPCError) -> Livekit_IngressInfo {
        guard let id = infos.values.first(where: { $0.streamKey == streamKey })?.ingressID else {
            throw .ingressNotFound
        }
        return try load(id)
    }

    func list(room: String) throws(RPCError) -> [Livekit_IngressInfo] {
        var listed: [Livekit_IngressInfo] = []
        for info in infos.values where room.isEmpty || info.roomName == room { listed.append(try load(info.ingressID)) }
        return listed
    }

    func delete(_ info: Livekit_IngressInfo) {
        infos[info.ingressID] = nil
        states[info.ingressID] = nil
    }
}

extension WorkerBackend {
    /// Without Redis, and with less patience than there is time in a test.
    static func local(over bus: any MessageBus) -> WorkerBackend {
        WorkerBackend(bus: bus, egress: MemoryEgressStore(), ingress: MemoryIngressStore(), patience: .short)
    }
}

extension WorkerPatience {
    static let short: WorkerPatience = {
        var patience = WorkerPatience()
        patience.launchAttempts = 2
        patience.launchPause = .milliseconds(10)
        patience.bidding = .milliseconds(150)
        patience.laterBids = .milliseconds(50)
        patience.call = RPCOptions(
            timeout: .seconds(2), selection: RPCSelection(acceptsFirst: true, affinityTimeout: .milliseconds(150)))
        return patience
    }()
}
