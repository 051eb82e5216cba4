import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

/// Inputs on which a fuzzer once failed. None may fail again.
@Suite("Inputs that fuzzing found")
struct FailCaseTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/FailCases")

    private static func inputs(of target: String) throws -> [[UInt8]] {
        let folder = root.appending(path: target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
        return try names.sorted().map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    @Test("STUN that is read can be written and read again")
    func stun() throws {
        for input in try Self.inputs(of: "FuzzSTUN") {
            guard let message = try? STUNMessage(parsing: input) else { continue }
            #expect((try? STUNMessage(parsing: message.encoded(fingerprint: false))) != nil)
        }
    }

    @Test("RTP that is read can be written and read again")
    func rtp() throws {
        for input in try Self.inputs(of: "FuzzRTP") {
            guard let packet = try? RTPPacket(parsing: input) else { continue }
            #expect((try? RTPPacket(parsing: packet.encoded())) != nil)
        }
    }

    @Test("No RTCP packet is lost between writing and reading")
    func rtcp() throws {
        for input in try Self.inputs(of: "FuzzRTCP") {
            let compound = RTCPCompound(parsing: input)
            #expect(RTCPCompound(parsing: compound.encoded()).packets.count == compound.packets.count)
        }
    }

    @Test("A session description that is read can be written and read again")
    func sdp() throws {
        for input in try Self.inputs(of: "FuzzSDP") {
            guard let description = try? SessionDescription(parsing: input), let text = try? description.encoded()
            else { continue }
            #expect((try? SessionDescription(parsing: text)) != nil)
        }
    }

    @Test("SCTP that is read can be written and read again")
    func sctp() throws {
        for input in try Self.inputs(of: "FuzzSCTP") where input.count >= 12 {
            let unchecked = Array(input[..<8]) + [0, 0, 0, 0] + input[12...]
            guard let packet = try? SCTPPacket(parsing: unchecked, acceptsZeroChecksum: true) else { continue }
            #expect((try? SCTPPacket(parsing: packet.encoded())) != nil)
        }
    }

    @Test("A VP8 descriptor is no longer than its payload")
    func vp8() throws {
        for input in try Self.inputs(of: "FuzzVP8") {
            _ = try? VP8KeyFrameHeader(parsing: input.rawSpan)
            _ = try? REDPayload(parsing: input.rawSpan)
            guard let descriptor = try? VP8PayloadDescriptor(parsing: input.rawSpan) else { continue }
            #expect(descriptor.encodedSize <= input.count)
        }
    }

    @Test("A signalling message never traps")
    func signal() throws {
        for input in try Self.inputs(of: "FuzzSignal") {
            _ = try? Livekit_SignalRequest(serializedBytes: input).jsonString()
            _ = try? Livekit_SignalRequest(jsonString: String(decoding: input, as: UTF8.self))
        }
    }
}
