import LiveKitClient
import LiveKitMedia
import LiveKitPSRPC
import Testing

@testable import LiveKitServerKit

/// Every room is on one node.
private actor OneHome: RoomPlacing {
    private var home = ""

    func settle(on node: String) { home = node }

    func node(of room: String) async throws(RPCError) -> String? { home }

    func place(_ room: String, on preferred: String) async throws(RPCError) -> String { home }

    func giveUp(_ room: String, on node: String) async {}
}

@Suite("Two nodes and clients in one process, on real sockets", .serialized, .timeLimit(.minutes(1)))
struct RelayedCallTests {
    private func withNode(_ ground: NodePeers.Ground, _ body: (Session, LiveKitServer) async throws -> Void)
        async throws
    {
        var configuration = LiveKitServerConfiguration.development
        configuration.port = 0
        configuration.rtc.udpPort = 0
        configuration.bindAddresses = ["127.0.0.1"]
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration(configuration))
        let server = try LiveKitServer(
            configuration: configuration, mediaPlane: plane, clock: .system, peers: ground)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.started()
            try await body(Session(port: port, udpPort: server.udpPort ?? 0), server)
            await server.shutdown()
            try await group.waitForAll()
        }
    }

    @Test("Pictures published through one node arrive at who joined through the other")
    func mediaFlows() async throws {
        let placement = OneHome()
        let ground = NodePeers.Ground(bus: LocalMessageBus(), placement: placement)
        try await withNode(ground) { home, node in
            await placement.settle(on: node.nodeID)
            try await withNode(ground) { away, _ in
                let alice = try await away.join("alice")
                let bob = try await home.join("bob")
                let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
                try await alice.localParticipant.publish(
                    videoTrack: video, options: VideoPublishOptions(simulcast: false))
                let painting = Task { await paint(video, width: 320, height: 180) }
                defer { painting.cancel() }
                let identity = Participant.Identity(from: "alice")
                func track() -> RemoteVideoTrack? {
                    bob.remoteParticipants[identity]?.trackPublications.values.first?.track as? RemoteVideoTrack
                }
                #expect(await eventually { track() != nil })
                let pictures = PictureCollector()
                track()?.add(videoRenderer: pictures)
                #expect(await eventually(within: 15) { pictures.counters.count >= 30 })
                await alice.disconnect()
                #expect(await eventually { bob.remoteParticipants[identity] == nil })
                await bob.disconnect()
            }
        }
    }
}
