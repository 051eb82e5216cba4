import LiveKitCore
import LiveKitRTCTransport
import Testing

@testable import LiveKitServerKit

@Suite("Moving between rooms of one loop", .timeLimit(.minutes(1)))
struct RoomForwarderTests {
    @Test("Whoever is moved is sent nothing more of the data tracks of the room that it left")
    func dataTracks() async throws {
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration())
        let rooms = ["RM_a", "RM_b"].compactMap {
            plane.openRoom(RoomSID(rawValue: $0)) { _ in } as? ForwardedRoom
        }
        try #require(rooms.count == 2)
        let (mover, publisher) = (ParticipantSID(rawValue: "PA_mover"), ParticipantSID(rawValue: "PA_publisher"))
        let track = TrackSID(rawValue: "DTR_1")
        rooms[0].send([
            .addParticipant(mover, ParticipantMediaOptions(offersSubscriberAtOnce: false)),
            .openDataTrack(publisher, handle: 1, track),
            .subscribeData(mover, track, handle: 7, framesPerSecond: nil),
        ])
        func receivers() async -> [ParticipantSID]? {
            let forwarder = rooms[0].forwarder
            return await rooms[0].loop.perform { core in
                var table = forwarder.value(on: core)?.dataTracks
                var receivers: [ParticipantSID] = []
                let packet: [UInt8] = [0x18, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
                table?.forward(packet, from: publisher, now: core.now) { receiver, _ in receivers.append(receiver) }
                return receivers
            }
        }
        #expect(await receivers() == [mover])
        #expect(rooms[0].move(mover, to: rooms[1]))
        #expect(await receivers() == [])
        for room in rooms { room.close() }
        await plane.shutdown()
    }
}
