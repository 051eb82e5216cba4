import LiveKitProtobuf
import NIOCore
import SwiftProtobuf
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Signal queue and codec")
struct SignalOutboxTests {
    @Test("A full queue ends and cuts its reader off, once")
    func overflow() async {
        let outbox = SignalOutbox(capacity: 2)
        let cuts = Atomic<Int>(0)
        outbox.whenCutOff { cuts.add(1, ordering: .relaxed) }
        #expect(outbox.send(.pong(1)) && outbox.send(.pong(2)))
        #expect(!outbox.send(.pong(3)))
        outbox.send(.pong(4))
        #expect(cuts.load(ordering: .relaxed) == 1)
        var seen: [Int64] = []
        for await message in outbox.messages { seen.append(message.pong) }
        #expect(seen == [1, 2])
    }

    @Test("Who asks late is cut off at once")
    func lateCutOff() {
        let outbox = SignalOutbox(capacity: 1)
        outbox.send(.pong(1))
        outbox.send(.pong(2))
        let cuts = Atomic<Int>(0)
        outbox.whenCutOff { cuts.add(1, ordering: .relaxed) }
        #expect(cuts.load(ordering: .relaxed) == 1)
    }

    @Test("Text and binary say the same")
    func codec() throws {
        let text = try SignalCodec.decode(text: #"{"addTrack":{"cid":"c1","type":"AUDIO","unknown":1}}"#)
        #expect(text.addTrack.cid == "c1")
        let binary = try SignalCodec.decode(binary: ByteBuffer(bytes: text.serializedBytes() as [UInt8]))
        #expect(binary == text)
    }

    @Test(
        "Garbage is refused without harm",
        arguments: ["this is { not json", "[1,2,3]", "", String(repeating: "[", count: 5000)])
    func garbage(_ text: String) {
        #expect(throws: SignalDecodingError.self) { try SignalCodec.decode(text: text) }
    }
}
