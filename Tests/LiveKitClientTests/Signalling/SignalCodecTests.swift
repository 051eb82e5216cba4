import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitClient

@Suite("Signalling messages as bytes")
struct SignalCodecTests {
    @Test("A request is a SignalRequest in binary form")
    func encodes() throws {
        var mute = Livekit_MuteTrackRequest()
        mute.sid = "TR_x"
        mute.muted = true
        let bytes = try SignalCodec.encode(.mute(mute))
        #expect(try Livekit_SignalRequest(serializedBytes: bytes).mute == mute)
        // Field 5 of the request, length-delimited.
        #expect(bytes.first == UInt8(0x2A))
    }

    @Test("A response is read back")
    func decodes() throws {
        var response = Livekit_SignalResponse()
        response.refreshToken = "token"
        let bytes: [UInt8] = try response.serializedBytes()
        #expect(try SignalCodec.decode(bytes) == .refreshToken("token"))
    }

    @Test("A response of an unknown kind is passed over")
    func ignoresUnknownKinds() throws {
        // Field 1000, varint 1.
        #expect(try SignalCodec.decode([0xC0, 0x3E, 0x01]) == nil)
    }

    @Test("Bytes that are no message are refused")
    func refusesGarbage() {
        #expect(throws: LiveKitError.self) { try SignalCodec.decode([0xFF, 0xFF, 0xFF]) }
    }

    @Test("A message over two mebibytes is neither sent nor read")
    func refusesLargeMessages() {
        var update = Livekit_UpdateParticipantMetadata()
        update.metadata = String(repeating: "x", count: SignalLimits.messageSize)
        #expect(throws: LiveKitError.self) { try SignalCodec.encode(.updateMetadata(update)) }
        #expect(throws: LiveKitError.self) {
            try SignalCodec.decode([UInt8](repeating: 0, count: SignalLimits.messageSize + 1))
        }
    }
}
