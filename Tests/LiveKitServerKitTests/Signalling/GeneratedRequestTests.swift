import LiveKitCore
import LiveKitProtobuf
import NIOCore
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Signal requests with everything absent, extreme or ten thousandfold")
struct GeneratedRequestTests {
    /// The fields of `SignalRequest`; 7 and 9 were never used.
    private static let fields = (1...23).filter { $0 != 7 && $0 != 9 }

    /// A room of three, one of whom is about to send something odd.
    private struct Scene {
        var room = RoomHarness()
        let sender: ParticipantSID
        let bystander: ParticipantSID
        let names: [String]

        init() throws {
            sender = try room.join("sender") { $0.permission.canUpdateMetadata = true }
            bystander = try room.join("bystander") { $0.subscribesToDataTracks = true }
            room.activate(sender)
            room.activate(bystander)
            let own = room.publish("mic", from: sender)
            let other = room.publish("cam", from: bystander) { $0.type = .video }
            names = [own.rawValue, other.rawValue, sender.rawValue, bystander.rawValue, "bystander", "mic", "x"]
            room.forget()
        }
    }

    /// Whether the session lives, or was ended with a word or on its own wish.
    private static func isSound(_ scene: Scene, after message: Livekit_SignalRequest.OneOf_Message?) -> Bool {
        guard scene.room.state.participants[scene.sender] == nil else { return true }
        switch message {
        case .leave, .simulate: return true
        default: return scene.room.leave(to: scene.sender) != nil
        }
    }

    private static func check(_ request: Livekit_SignalRequest) throws {
        var scene = try Scene()
        guard let message = request.message else { return }
        let began = ContinuousClock.now
        scene.room.send(message, from: scene.sender)
        scene.room.pass(.seconds(1))
        #expect(isSound(scene, after: message))
        #expect(!scene.room.state.isClosed && scene.room.state.participants[scene.bystander] != nil)
        // What a client sends may not hold up its room. A generous bound, for a debug build on a busy machine.
        #expect(ContinuousClock.now - began < .seconds(5))
        let sid = scene.sender
        if scene.room.state.participants[sid] != nil {
            scene.room.forget()
            _ = scene.room.publish("later", from: sid)
            let answered = scene.room.signals(to: sid).contains { answer in
                if case .trackPublished = answer { true } else if case .requestResponse = answer { true } else { false }
            }
            #expect(answered, "the session does not answer any more")
        }
    }

    @Test("Small ones", arguments: fields)
    func small(_ field: Int) throws {
        let names = try Scene().names
        for seed in 0..<20 as Range<UInt64> {
            var generator = MessageGenerator(seed: seed, fields: [field], names: names, isCrowded: false)
            let request = try generator.make(Livekit_SignalRequest.self)
            try Self.check(request)
            // Both forms on the wire mean the same.
            let binary = try SignalCodec.decode(binary: ByteBuffer(bytes: try request.serializedBytes() as [UInt8]))
            #expect(binary == request)
            if let text = try? request.jsonString() { _ = try? SignalCodec.decode(text: text) }
        }
    }

    @Test("Crowded ones", arguments: fields)
    func crowded(_ field: Int) throws {
        let names = try Scene().names
        for seed in 0..<2 as Range<UInt64> {
            var generator = MessageGenerator(seed: seed, fields: [field], names: names, isCrowded: true)
            try Self.check(try generator.make(Livekit_SignalRequest.self))
        }
    }

    @Test("An empty message of each kind", arguments: fields)
    func empty(_ field: Int) throws {
        // A field of length zero, or, for the only number among them, of value zero.
        let tag = field == 14 ? field << 3 : field << 3 | 2
        let bytes = tag < 128 ? [UInt8(tag), 0] : [UInt8(tag & 0x7F | 0x80), UInt8(tag >> 7), 0]
        let request = try Livekit_SignalRequest(serializedBytes: bytes)
        #expect(request.message != nil)
        try Self.check(request)
    }

    @Test("Ten thousand wishes for tracks that do not exist are remembered up to the bound, in little time")
    func manyWishes() throws {
        var scene = try Scene()
        var request = Livekit_UpdateSubscription()
        request.subscribe = true
        request.trackSids = (0..<MessageGenerator.crowd).map { "TR_\($0)" }
        scene.room.send(.subscription(request), from: scene.sender)
        #expect(scene.room.state.participants[scene.sender]?.wishes.count == RoomBounds.subscriptionWishes)
        scene.room.pass(.seconds(61))
        let missing = scene.room.signals(to: scene.sender).count { message in
            if case .subscriptionResponse(let response) = message { response.err == .seTrackNotfound } else { false }
        }
        #expect(missing == RoomBounds.subscriptionWishes)
    }
}
