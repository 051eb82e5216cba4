import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: data packets")
struct RoomDataTests {
    private func packet(_ change: (inout Livekit_DataPacket) -> Void = { _ in }) throws -> [UInt8] {
        var packet = Livekit_DataPacket()
        packet.user.payload = Data("hello".utf8)
        packet.user.topic = "t"
        packet.participantIdentity = "forged"
        packet.participantSid = "PA_forged"
        change(&packet)
        return try packet.serializedBytes()
    }

    private func trio() throws -> (RoomHarness, [ParticipantSID]) {
        var room = RoomHarness()
        let sids = [try room.join("alice"), try room.join("bob"), try room.join("carol")]
        for sid in sids { room.activate(sid) }
        room.forget()
        return (room, sids)
    }

    @Test("A packet goes to everybody else, stamped with its true sender")
    func broadcast() throws {
        var (room, sids) = try trio()
        room.report(.data(sids[0], .lossy, try packet()))
        let sent = try #require(room.sentData.first)
        #expect(sent.receivers == [sids[1], sids[2]])
        #expect(sent.packet.participantIdentity == "alice" && sent.packet.participantSid == sids[0].rawValue)
        #expect(sent.packet.user.participantIdentity == "alice")
        #expect(sent.packet.kind == .lossy && sent.packet.user.topic == "t")
    }

    @Test("Destinations by identity or by SID are kept to")
    func destinations() throws {
        var (room, sids) = try trio()
        room.report(.data(sids[0], .reliable, try packet { $0.destinationIdentities = ["carol", "nobody"] }))
        room.report(.data(sids[0], .reliable, try packet { $0.user.destinationSids = [sids[1].rawValue] }))
        room.report(.data(sids[0], .reliable, try packet { $0.destinationIdentities = ["nobody"] }))
        #expect(room.sentData.map(\.receivers) == [[sids[2]], [sids[1]]])
    }

    @Test("A hidden sender stays unknown")
    func hiddenSender() throws {
        var room = RoomHarness()
        let ghost = try room.join("ghost") { $0.permission.hidden = true }
        let alice = try room.join("alice")
        room.activate(alice)
        room.report(.data(ghost, .reliable, try packet()))
        #expect(room.sentData.first?.packet.participantIdentity == "")
        #expect(room.sentData.first?.packet.participantSid == "")
    }

    @Test("Without the grant, or without sense, nothing is forwarded")
    func refusals() throws {
        var room = RoomHarness()
        let mute = try room.join("mute") { $0.permission.canPublishData = false }
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        for sid in [alice, bob] { room.activate(sid) }
        room.report(.data(mute, .reliable, try packet()))
        room.report(.data(alice, .reliable, [0xFF, 0xFF, 0xFF]))
        room.report(.data(alice, .reliable, []))
        room.report(.data(alice, .reliable, try packet { $0.transcription = Livekit_Transcription() }))
        room.report(.data(alice, .reliable, try packet { $0.speaker = Livekit_ActiveSpeakerUpdate() }))
        #expect(room.sentData.isEmpty)
    }

    @Test("What a newer client says passes, though nothing is known of it")
    func unknownKinds() throws {
        var (room, sids) = try trio()
        // Field 1000 of the packet, a string.
        let future: [UInt8] = [0xC2, 0x3E, 0x02, 0x68, 0x69]
        room.report(.data(sids[0], .reliable, future))
        let sent = try #require(room.sentData.first)
        #expect(sent.receivers == [sids[1], sids[2]] && sent.packet.participantIdentity == "alice")
        #expect([UInt8](sent.packet.unknownFields.data) == future)
    }

    @Test("Agents may transcribe, and say chat messages and text streams for somebody else, which are marked")
    func agents() throws {
        var room = RoomHarness()
        let agent = try room.join("agent") { $0.permission.agent = true }
        let alice = try room.join("alice")
        room.activate(alice)
        let changes: [(inout Livekit_DataPacket) -> Void] = [
            { $0.transcription = Livekit_Transcription() },
            { $0.chatMessage.message = "hello" },
            { $0.streamHeader.textHeader = Livekit_DataStream.TextHeader() },
            { $0.streamHeader.byteHeader = Livekit_DataStream.ByteHeader() },
        ]
        for change in changes {
            let bytes = try packet {
                change(&$0)
                $0.participantIdentity = "alice"
            }
            room.report(.data(agent, .reliable, bytes))
            room.report(.data(alice, .reliable, bytes))
        }
        room.activate(agent)
        let said = room.sentData.filter { $0.receivers == [alice] }.map(\.packet)
        #expect(said.map(\.participantIdentity) == ["agent", "alice", "alice", "agent"])
        #expect(said.allSatisfy { $0.participantSid == agent.rawValue })
        #expect(said.map { $0.chatMessage.generated } == [false, true, false, false])
        #expect(said.map { $0.streamHeader.textHeader.generated } == [false, false, true, false])
        let own = room.sentData.filter { $0.receivers == [agent] }.map(\.packet)
        #expect(own.count == 3 && own.allSatisfy { $0.participantIdentity == "alice" && !$0.chatMessage.generated })
    }

    @Test("A message of any other channel becomes a packet of its sender's for everybody else")
    func unlabeled() throws {
        var (room, sids) = try trio()
        room.report(.data(sids[0], .other(label: "game"), [1, 2, 3]))
        let sent = try #require(room.sentData.first)
        #expect(sent.receivers == [sids[1], sids[2]])
        #expect([UInt8](sent.packet.user.payload) == [1, 2, 3])
        #expect(sent.packet.participantIdentity == room.state.participants[sids[0]]?.identity)
        #expect(
            room.media.contains {
                if case .sendData(_, .reliable, _) = $0 { true } else { false }
            })
        let mute = try room.join("mute") { $0.permission.canPublishData = false }
        room.forget()
        room.report(.data(mute, .other(label: "game"), [1, 2, 3]))
        #expect(room.sentData.isEmpty)
    }

    @Test("A number counts whatever becomes of its packet")
    func numbersOfAnswers() throws {
        var (room, sids) = try trio()
        room.report(
            .data(
                sids[0], .reliable,
                try packet {
                    $0.sequence = 7; $0.speaker = Livekit_ActiveSpeakerUpdate()
                }))
        room.report(.data(sids[0], .reliable, try packet { $0.sequence = 7 }))
        #expect(room.sentData.isEmpty)
        #expect(room.state.participants[sids[0]]?.lastReliableSequence == 7)
    }

    @Test("A sequence number that came before is dropped, and forwarded numbers stay as they are")
    func sequences() throws {
        var (room, sids) = try trio()
        for sequence in [1, 2, 2, 1, 5] as [UInt32] {
            room.report(.data(sids[0], .reliable, try packet { $0.sequence = sequence }))
        }
        #expect(room.sentData.map(\.packet.sequence) == [1, 2, 5])
    }

    @Test("A nonce is forwarded once, while it is remembered")
    func nonces() throws {
        var (room, sids) = try trio()
        for index in [1, 1, 2] as [UInt8] {
            room.report(.data(sids[0], .lossy, try packet { $0.user.nonce = Data(repeating: index, count: 16) }))
        }
        #expect(room.sentData.count == 2)
        for index in 0..<UInt8(RoomBounds.rememberedNonces) {
            room.report(.data(sids[0], .lossy, try packet { $0.user.nonce = Data(repeating: index &+ 50, count: 16) }))
        }
        #expect(room.state.recentNonces.count == RoomBounds.rememberedNonces)
    }

    @Test("Reliable packets wait for a newcomer's channel, up to a bound")
    func heldPackets() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(alice)
        room.report(.data(alice, .reliable, try packet()))
        #expect(room.sentData.isEmpty)
        room.report(.dataChannelOpened(bob, .reliable))
        #expect(room.sentData.map(\.receivers) == [[bob]])

        let late = try room.join("late")
        for _ in 0..<20 {
            room.report(
                .data(
                    alice, .reliable,
                    try packet {
                        $0.user.payload = Data(count: 14_000)
                        $0.destinationIdentities = ["late"]
                    }))
        }
        let held = room.state.participants[late]?.heldPackets.bytes ?? 0
        #expect(held <= RoomBounds.heldReliableBytes && held > RoomBounds.heldReliableBytes / 2)
        room.forget()
        room.report(.dataChannelOpened(late, .reliable))
        #expect(room.sentData.count == 7)
        #expect(room.state.participants[late]?.heldPackets.bytes == 0)
    }

    @Test("The newest packets are held, in order, however many fell out before them")
    func holdsTheNewest() {
        var held = HeldPackets()
        var fallen = 0
        let packets = (0..<1000).map { number in [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1000) }
        for packet in packets { fallen += held.append(packet) }
        #expect(fallen == 900 && held.bytes == 100_000)
        fallen = held.append([UInt8](repeating: 0, count: 200_000))
        #expect(fallen == 101 && held.bytes == 0)
        for packet in packets { fallen += held.append(packet) }
        let taken = [held.takeAll(), held.takeAll()]
        #expect(taken == [Array(packets.suffix(100)), []] && held.bytes == 0)
    }

    @Test("Metrics reach only those with the grant")
    func metrics() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let analyst = try room.join("analyst") { $0.permission.canSubscribeMetrics = true }
        let bob = try room.join("bob")
        for sid in [alice, analyst, bob] { room.activate(sid) }
        room.report(.data(alice, .reliable, try packet { $0.metrics = Livekit_MetricsBatch() }))
        #expect(room.sentData.map(\.receivers) == [[analyst]])
    }

    @Test("Packets of the API have no sender and reach everybody")
    func fromTheAPI() throws {
        var (room, sids) = try trio()
        var request = Livekit_SendDataRequest()
        request.data = Data("news".utf8)
        request.topic = "announce"
        room.change { state, _ in state.sendData(request) }
        let sent = try #require(room.sentData.first)
        #expect(sent.receivers == sids)
        #expect(sent.packet.participantIdentity.isEmpty && sent.packet.user.topic == "announce")
    }

    @Test("Random bytes never trap")
    func randomBytes() throws {
        var (room, sids) = try trio()
        var random = DeterministicRandom(seed: 42)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...64, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            room.report(.data(sids[0], .reliable, bytes))
            room.forget()
        }
        #expect(room.state.order == sids)
    }
}
