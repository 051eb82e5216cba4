import ArgumentParser
import Foundation
import LiveKitClient
import LiveKitCore

/// Many subscribers in one process that receive and decrypt, but do not decode: the load of the forwarding
/// benchmark. Prints what all of them received together, each second.
@main
struct ForwardingLoad: AsyncParsableCommand {
    @Option var url = "ws://127.0.0.1:7880"
    @Option var room = "benchmark"
    @Option var apiKey = "devkey"
    @Option var apiSecret = "secret"
    @Option var subscribers = 50
    @Option var duration = 20

    func run() async throws {
        let rooms = (0..<subscribers).map { _ in Room() }
        for (index, room) in rooms.enumerated() {
            try await room.connect(url: url, token: token(identity: "subscriber-\(index)"))
        }
        var before = await received(rooms)
        for second in 1...duration {
            try await Task.sleep(for: .seconds(1))
            let now = await received(rooms)
            print("second=\(second) packets=\(now.packets) delta=\(now.packets - before.packets) lost=\(now.lost)")
            fflush(nil)
            before = now
        }
        for room in rooms { await room.disconnect() }
    }

    private func token(identity: String) throws -> String {
        var token = AccessToken(apiKey: apiKey, apiSecret: apiSecret, identity: identity)
        token.video = VideoGrant(room: room, roomJoin: true)
        return try token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }

    private func received(_ rooms: [Room]) async -> (packets: UInt64, lost: Int) {
        var packets: UInt64 = 0
        var lost = 0
        for room in rooms {
            for participant in room.remoteParticipants.values {
                for publication in participant.trackPublications.values {
                    let stream = await publication.track?.statistics().inboundStream
                    packets += stream?.packetsReceived ?? 0
                    lost += stream?.packetsLost ?? 0
                }
            }
        }
        return (packets, lost)
    }
}
