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

    /// Asks the STUN and TURN servers for candidates, each as soon as its name is resolved.
    func gather(_ plan: GatheringPlan) async {
        await plan.resolve(logger: Self.logger) { servers in
            guard !isEnded else { return }
            publisher?.execute { $0.gather(from: servers) }
            subscriber?.execute { $0.gather(from: servers) }
        }
    }
}
