import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf

@testable import LiveKitServerKit

/// Two servers that meet at one bus. New rooms go to `home`; `away` is the other.
struct TwoNodes: Sendable {
    let home: TestServer
    let away: TestServer
    let homeNode: LiveKitServer
    let awayNode: LiveKitServer
    let placement: SharedPlacement

    static func with(
        over bus: any MessageBus = LocalMessageBus(), patience: MediaDuration = .seconds(30),
        _ configure: (inout LiveKitServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TwoNodes) async throws -> Void
    ) async throws {
        let placement = SharedPlacement()
        var ground = NodePeers.Ground(bus: bus, placement: placement)
        // However busy the machine is that runs the tests.
        ground.toRooms = RPCOptions(
            timeout: patience, selection: RPCSelection(acceptsFirst: true, affinityTimeout: patience))
        try await TestServer.withServer(peers: ground, configure) { [ground] home, homeNode in
            await placement.add(homeNode.nodeID)
            try await TestServer.withServer(peers: ground) { away, awayNode in
                await placement.add(awayNode.nodeID)
                try await body(
                    TwoNodes(
                        home: home, away: away, homeNode: homeNode, awayNode: awayNode, placement: placement))
                await awayNode.shutdown()
            }
            await homeNode.shutdown()
        }
    }

    /// What a method of the API answers at the node that does not have the room.
    func call<Answer: SwiftProtobuf.Message>(
        _ method: String, _ json: String, service: String = "RoomService", as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let answer = try await away.call(method, json, service: service)
        guard answer.status == 200 else { throw Failed(status: answer.status, body: answer.body) }
        return try Answer(jsonString: answer.body)
    }

    struct Failed: Error, Equatable {
        var status: Int
        var body: String
    }
}
