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

    @Test(
        "What stands behind frames is cut off for who does not know it, where the track was announced with it",
        arguments: [true, false])
    func packetTrailers(isAnnounced: Bool) async throws {
        // Two fields, their length with itself and the mark, and the mark.
        let trailer: [UInt8] = [0xFE, 0xFD, ~7] + Array("LKTS".utf8)
        let other: [UInt8] = [0xAA, 0xBB]
        try await withServer { session in
            let (alice, bob) = (try await session.join("alice"), try await session.join("bob"))
            let track = try await HandmadeTrack.publish(by: alice) {
                if isAnnounced { $0.packetTrailerFeatures = [.ptfUserTimestamp] }
            }
            let sending = Task {
                await track.run { number in
                    var frame = Self.layered(number)
                    frame.ending = number.isMultiple(of: 2) ? trailer : other
                    return frame
                }
            }
            defer { sending.cancel() }
            #expect(await eventually { publication(bob, of: "alice") != nil })
            let tap = try await Tap.place(at: bob)
            #expect(await eventually { tap.packets(.video).count > 30 })
            let payloads = tap.packets(.video).map(\.payload)
            let sizes = Set(payloads.map(\.count))
            let longest = try #require(sizes.max())
            #expect(payloads.contains { $0.suffix(trailer.count) == trailer[...] } != isAnnounced)
            #expect(payloads.contains { $0.suffix(other.count) == other[...] && $0.count == longest } == isAnnounced)
            let difference = isAnnounced ? other.count : trailer.count - other.count
            #expect(sizes == [longest, longest - difference])
            await alice.disconnect()
            await bob.disconnect()
        }
    }

    @Test(
        "A publisher is asked for key frames as seldom as `pli_throttle` says, however often a subscriber wants them",
        arguments: [200, 800])
    func keyframeThrottle(milliseconds: Int) async throws {
        try await withServer {
            $0.rtc.keyframeThrottle.low = .milliseconds(milliseconds)
        } _: { session in
            let (alice, bob) = (try await session.join("alice"), try await session.join("bob"))
            let track = try await HandmadeTrack.publish(by: alice)
            let sending = Task { await track.run(Self.layered) }
            defer { sending.cancel() }
            #expect(await eventually { publication(bob, of: "alice") != nil })
            // With each packet, thirty times a second.
            let tap = try await Tap.place(at: bob, demandsKeyframes: true)
            #expect(await eventually { !tap.packets(.video).isEmpty })
            let before = try await track.keyframeRequests.count
            #expect(await eventually { (try? await track.keyframeRequests.count >= before + 6) ?? false })
            let requests = try await track.keyframeRequests.suffix(6)
            let (first, last) = (try #require(requests.first), try #require(requests.last))
            let mean = (last - first).seconds * 1000 / 5
            #expect(mean > Double(milliseconds) * 0.95 && mean < Double(milliseconds) * 1.05 + 100, "\(mean) ms")
            await alice.disconnect()
            await bob.disconnect()
        }
    }
}
