import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitServerKit
import Testing

@testable import LiveKitClient

@Suite("What becomes of packets that a test made, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct HandmadePublisherTests {
    /// Three temporal layers as browsers send them; two pictures in three seconds are key frames.
    private static func layered(_ number: Int) -> HandmadeTrack.Frame {
        let (layer, isSync): (UInt8, Bool) = [(0, false), (2, true), (1, true), (2, false)][number % 4]
        return HandmadeTrack.Frame(isKeyframe: number % 48 == 0, temporalID: layer, isLayerSync: isSync)
    }

    private func publication(_ room: Room, of identity: String) -> RemoteTrackPublication? {
        room.remoteParticipants[Participant.Identity(from: identity)]?.trackPublications.values
            .first { $0.kind == .video && $0.track != nil } as? RemoteTrackPublication
    }

    @Test(
        "Who wants fewer pictures is sent the lower temporal layers alone, numbered without a gap, and all again later")
    func framesPerSecond() async throws {
        try await withServer { session in
            let (alice, bob) = (try await session.join("alice"), try await session.join("bob"))
            let track = try await HandmadeTrack.publish(by: alice)
            let sending = Task { await track.run(Self.layered) }
            defer { sending.cancel() }
            #expect(await eventually { publication(bob, of: "alice") != nil })
            let remote = try #require(publication(bob, of: "alice"))
            let tap = try await Tap.place(at: bob)
            /// The temporal layers of the last second's pictures, once there are as many.
            func layers() -> Set<UInt8> {
                let last = tap.packets(.video).suffix(30).compactMap(\.descriptor?.temporalID)
                return last.count == 30 ? Set(last) : []
            }
            #expect(await eventually { layers() == [0, 1, 2] })
            try await remote.set(preferredFPS: 12)
            #expect(await eventually { layers() == [0, 1] }, "\(layers())")
            let slow = tap.packets(.video).suffix(30)
            let ticks = (slow.last?.timestamp ?? 0) &- (slow.first?.timestamp ?? 0)
            #expect((12...18).contains(29 * 90_000 / Double(max(ticks, 1))))
            try await remote.set(preferredFPS: 5)
            #expect(await eventually { layers() == [0] }, "\(layers())")
            try await remote.set(preferredFPS: 0)
            #expect(await eventually { layers() == [0, 1, 2] }, "\(layers())")

            let all = tap.packets(.video)
            #expect(zip(all, all.dropFirst()).allSatisfy { $1.sequence == $0.sequence + 1 })
            let pictures = all.compactMap(\.descriptor)
            let pairs = Array(zip(pictures, pictures.dropFirst()))
            #expect(pairs.allSatisfy { (($1.pictureID ?? 0) &- ($0.pictureID ?? 0)) & 0x7FFF == 1 })
            #expect(
                pairs.allSatisfy { before, next in
                    let step = (next.temporalLayerZeroIndex ?? 0) &- (before.temporalLayerZeroIndex ?? 0)
                    return step == (next.temporalID == 0 ? 1 : 0)
                })
            await alice.disconnect()
            await bob.disconnect()
        }
    }
}
