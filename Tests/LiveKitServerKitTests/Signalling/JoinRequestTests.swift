import Foundation
import LiveKitCore
import LiveKitProtobuf
import LiveKitTestSupport
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("The join request of /rtc/v1")
struct JoinRequestTests {
    /// `{metadata: "hello", participant_sid: "PA_x"}` as Python's gzip compresses it.
    private static let gzipped: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x93, 0x62, 0xCD, 0x48, 0xCD, 0xC9,
        0xC9, 0xF7, 0x62, 0x09, 0x70, 0x8C, 0xAF, 0x00, 0x00, 0x65, 0x6D, 0x50, 0x06, 0x0D, 0x00, 0x00,
        0x00,
    ]

    private static func parameter(_ bytes: [UInt8], _ compression: Livekit_WrappedJoinRequest.Compression) -> String {
        var wrapped = Livekit_WrappedJoinRequest()
        wrapped.compression = compression
        wrapped.joinRequest = Data(bytes)
        let data: Data = (try? wrapped.serializedBytes()) ?? Data()
        return data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(
            of: "/", with: "_")
    }

    /// A gzip member (RFC 1952) of stored blocks (RFC 1951 §3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xFFFF)
            rest = rest.dropFirst(0xFFFF)
            member.append(rest.isEmpty ? 1 : 0)
            for value in [UInt16(block.count), ~UInt16(block.count)] {
                member += [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
            }
            member += block
        } while !rest.isEmpty
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        for value in [~sum, UInt32(truncatingIfNeeded: bytes.count)] {
            member += (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return member
    }

    @Test("It is read plain and gzipped, with and without padding")
    func readsBothForms() throws {
        let zipped = try Livekit_JoinRequest(parameter: Self.parameter(Self.gzipped, .gzip))
        #expect(zipped.metadata == "hello" && zipped.participantSid == "PA_x")
        let plain = Self.parameter(try zipped.serializedBytes(), .none)
        #expect(try Livekit_JoinRequest(parameter: plain) == zipped)
        let unpadded = plain.replacingOccurrences(of: "=", with: "")
        #expect(try Livekit_JoinRequest(parameter: unpadded) == zipped)
    }

    @Test("What is not one is a bad request", arguments: ["!!!", "AAAA_not_proto_AAAA", "/w=="])
    func refusesGarbage(_ text: String) {
        #expect(throws: HTTPFailure.self) { try Livekit_JoinRequest(parameter: text) }
    }

    @Test("Every truncation of a gzipped one is a bad request")
    func refusesTruncations() {
        for length in 0..<Self.gzipped.count {
            let cut = Self.parameter(Array(Self.gzipped.prefix(length)), .gzip)
            #expect(throws: HTTPFailure.badRequest("cannot read decompressed join request")) {
                try Livekit_JoinRequest(parameter: cut)
            }
        }
    }

    @Test("It may be a mebibyte long, before and after inflating")
    func isBounded() throws {
        var request = Livekit_JoinRequest()
        request.metadata = String(repeating: "m", count: Livekit_JoinRequest.maximumBytes - 4)
        let exact: [UInt8] = try request.serializedBytes()
        #expect(exact.count == Livekit_JoinRequest.maximumBytes)
        #expect(try Livekit_JoinRequest(parameter: Self.parameter(exact, .none)) == request)
        let tooLarge = HTTPFailure.badRequest("join request too large")
        #expect(throws: tooLarge) { try Livekit_JoinRequest(parameter: Self.parameter(exact + [0], .none)) }
        #expect(throws: tooLarge) {
            try Livekit_JoinRequest(parameter: Self.parameter(Self.stored(exact), .gzip))
        }
        // Stored blocks are longer than what they hold: the bound of what comes out needs what shrinks.
        let half = Array(exact.prefix(1 << 19))
        #expect(throws: HTTPFailure.badRequest("cannot unmarshal join request")) {
            try Livekit_JoinRequest(parameter: Self.parameter(Self.stored(half), .gzip))
        }
    }

    @Test("Random bytes never do more than fail", arguments: 0..<8 as Range<UInt64>)
    func survivesRandomBytes(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? Livekit_JoinRequest(parameter: Self.parameter(bytes, .gzip))
            _ = try? Livekit_JoinRequest(parameter: Self.parameter(Array(Self.gzipped.prefix(10)) + bytes, .gzip))
            _ = try? Livekit_JoinRequest(parameter: Self.parameter(bytes, .none))
        }
    }
}

@Suite("What a request to join says")
struct JoinParametersTests {
    private static func parameters(
        _ query: [String: String], _ route: JoinParameters.Route = .init(),
        _ grant: (inout VideoGrant) -> Void = { _ in }
    ) throws -> JoinParameters {
        var claims = TokenClaims(expiresAt: NumericDate(secondsSinceEpoch: 4_000_000_000))
        claims.identity = "alice"
        var video = VideoGrant(room: "room", roomJoin: true)
        grant(&video)
        claims.video = video
        return try JoinParameters(query: query, route: route, claims: claims, limits: .init())
    }

    private static func encoded(_ attributes: String) -> String {
        Data(attributes.utf8).base64EncodedString()
    }

    @Test("A second connection only publishes, under a name of its own")
    func publishesOnly() throws {
        let parameters = try Self.parameters(["publish": "screen"])
        #expect(parameters.intent.identity == "alice#screen" && !parameters.intent.permission.canSubscribe)
        #expect(throws: HTTPFailure.self) { try Self.parameters(["publish": "x"]) { $0.canPublish = false } }
    }

    @Test("Attributes need the permission, empty ones are nothing, and broken ones fail a validation only")
    func attributes() throws {
        let good = Self.encoded(#"{"a":"1","b":""}"#)
        let merged = try Self.parameters(["attributes": good]) { $0.canUpdateOwnMetadata = true }
        #expect(merged.intent.attributes == ["a": "1"])
        #expect(throws: HTTPFailure.self) { try Self.parameters(["attributes": good]) }
        #expect(try Self.parameters(["attributes": "!!"]).intent.attributes.isEmpty)
        #expect(throws: HTTPFailure.badRequest("cannot decode attributes")) {
            try Self.parameters(["attributes": "!!"], .init(isValidation: true))
        }
    }

    @Test("A resume names its session and its reason, in both versions")
    func resume() throws {
        let old = try Self.parameters(["reconnect": "1", "sid": "PA_1", "reconnect_reason": "2"])
        #expect(old.resume?.session == "PA_1" && old.resume?.reason == .rrPublisherFailed)
        var request = Livekit_JoinRequest()
        request.reconnect = true
        request.participantSid = "PA_2"
        request.syncState.trackSidsDisabled = ["TR_1"]
        var wrapped = Livekit_WrappedJoinRequest()
        wrapped.joinRequest = try request.serializedBytes()
        let data: Data = try wrapped.serializedBytes()
        let new = try Self.parameters(["join_request": data.base64EncodedString()])
        #expect(new.intent.usesSinglePeerConnection)
        #expect(new.resume?.session == "PA_2" && new.resume?.syncState?.trackSidsDisabled == ["TR_1"])
        #expect(try Self.parameters([:]).resume == nil)
    }

    @Test("/rtc/v1 cannot do without a join request")
    func needsJoinRequest() {
        #expect(throws: HTTPFailure.badRequest("join_request is required")) {
            try Self.parameters([:], .init(needsJoinRequest: true))
        }
    }
}
