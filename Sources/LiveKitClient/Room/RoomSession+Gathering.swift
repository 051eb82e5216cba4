internal import LiveKitProtobuf
internal import Logging

// Ways to the server: which ones may be looked for, and by whose help.
extension RoomSession {
    static let logger = Logger(label: "livekit.client")

    /// What the options and the join response come to.
    var gatheringPlan: GatheringPlan {
        GatheringPlan(
            options: connectOptions, offered: join.iceServers, configuration: join.clientConfiguration,
            isLocal: endpoint.isLoopback)
    }

    /// Asks the STUN and TURN servers for candidates.
    func gather(_ plan: GatheringPlan) async {
        let servers = await plan.resolve(logger: Self.logger)
        guard !isEnded else { return }
        publisher?.execute { $0.gather(from: servers) }
        subscriber?.execute { $0.gather(from: servers) }
    }

    /// The server names its ICE servers anew, with fresh credentials, when a session is resumed.
    func receive(_ response: Livekit_ReconnectResponse) async {
        if !response.iceServers.isEmpty { join.iceServers = response.iceServers }
        if response.hasClientConfiguration { join.clientConfiguration = response.clientConfiguration }
        await gather(gatheringPlan)
    }
}
