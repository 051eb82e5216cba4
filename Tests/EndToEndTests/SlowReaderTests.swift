import LiveKitCore
import LiveKitServerKit
import LiveKitTestSupport
import Testing

@testable import LiveKitClient

@Suite("Reliable data for who does not read it, on real sockets", .serialized, .timeLimit(.minutes(2)))
struct SlowReaderTests {
    private static let count = 200

    @Test(
        "Who takes less than `datachannel_slow_threshold` is not waited for, and misses messages; without one nobody does",
        arguments: [true, false])
    func slowReader(hasThreshold: Bool) async throws {
        let udp = try FreePort.find()
        let path = try await NarrowPath(to: udp)
        try await withServer {
            TURNRig.embed(in: &$0, udpPort: udp, streamPort: 0, certificate: nil)
            ($0.turn.relayRangeStart, $0.turn.relayRangeEnd) = (43_401, 43_600)
            if hasThreshold { $0.rtc.slowDataThreshold = 1_000_000 }
        } _: { session in
            let (alice, carol) = (try await session.join("alice"), try await session.join("carol"))
            let bob = Room()
            try await bob.connect(
                url: "ws://127.0.0.1:\(session.port)", token: try session.token("bob"),
                connectOptions: path.connectOptions)
            let (slow, quick) = (Inbox(bob), Inbox(carol))
            #expect(await eventually { alice.remoteParticipants.count == 2 })
            try await alice.localParticipant.publish(data: [0], options: DataPublishOptions(reliable: true))
            for inbox in [slow, quick] { #expect(await eventually { await inbox.messages.count == 1 }) }

            try await path.setRate(400_000)
            let start = ContinuousClock.now
            for number in 0..<Self.count {
                var message = [UInt8](repeating: 0, count: 2500)
                message[0] = UInt8(truncatingIfNeeded: number)
                try await alice.localParticipant.publish(data: message, options: DataPublishOptions(reliable: true))
                try await Task.sleep(until: start + .milliseconds(10) * (number + 1), clock: .continuous)
            }
            #expect(await eventually { await quick.messages.count == Self.count + 1 })
            // What is reliable comes in order, and this one is behind all others; once the path is wide nothing waits.
            try await path.setRate(0)
            try await Task.sleep(for: .seconds(3))
            try await alice.localParticipant.publish(data: [1], options: DataPublishOptions(reliable: true))
            #expect(await eventually { await slow.messages.last == [1] })
            let received = await slow.messages.count
            #expect(hasThreshold ? (10...Self.count).contains(received) : received == Self.count + 2, "\(received)")
            await alice.disconnect()
            await bob.disconnect()
            await carol.disconnect()
        }
        try await path.close()
    }
}
