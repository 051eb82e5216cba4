import Foundation
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@Suite("The generated schema")
struct SchemaTests {
    /// The folder `Protos` of the repository.
    static let protos = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Protos")
    static let generated = protos.deletingLastPathComponent().appending(path: "Sources/LiveKitProtobuf/Generated")

    @Test("A signal response comes back from its bytes and from its JSON")
    func signalResponse() throws {
        let response = Livekit_SignalResponse.with {
            $0.join.room.sid = "RM_a"
            $0.join.room.creationTimeMs = 1_700_000_000_123
            $0.join.participant.attributes = ["k": "v"]
            $0.join.participant.tracks = [.with { $0.layers = [.with { $0.quality = .high }] }]
            $0.join.serverInfo.edition = .standard
            $0.join.iceServers = [.with { $0.urls = ["stun:example.org"] }]
            $0.join.pingInterval = 5
        }
        let bytes: [UInt8] = try response.serializedBytes()
        #expect(try Livekit_SignalResponse(serializedBytes: bytes) == response)
        let json: [UInt8] = try response.jsonUTF8Bytes()
        #expect(try Livekit_SignalResponse(jsonUTF8Bytes: json) == response)
    }

    @Test("Field numbers stand on the wire where the signalling protocol puts them")
    func wireBytes() throws {
        let offer = Livekit_SignalResponse.with { $0.offer.type = "offer" }
        #expect(try offer.serializedBytes() as [UInt8] == [0x1A, 7, 0x0A, 5] + Array("offer".utf8))
        let pong = Livekit_SignalResponse.with { $0.pongResp.timestamp = 1 }
        let bytes: [UInt8] = try pong.serializedBytes()
        // Field 20, length-delimited: 20 << 3 | 2 as a varint.
        #expect(bytes.prefix(2) == [0xA2, 0x01])
    }

    @Test("Bytes of a newer schema survive")
    func unknownFields() throws {
        let bytes: [UInt8] = [0xF8, 0x3F, 1]
        #expect(try Livekit_SignalRequest(serializedBytes: bytes).serializedBytes() as [UInt8] == bytes)
    }

    @Test("The generated code has the messages, field numbers and enumeration values of the schema")
    func generatedCodeIsCurrent() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.protos, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "proto" }
        #expect(files.count == 23)
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            let code = try String(contentsOf: Self.generated.appending(path: name + ".pb.swift"), encoding: .utf8)
            let schema = SchemaText(try String(contentsOf: file, encoding: .utf8))
            // Each message's code starts with its name and ends where the next one's starts.
            let blocks = code.split(separator: "static let protoMessageName: String = ").dropFirst()
            try #require(blocks.count == schema.messages.count, "\(name)")
            for (message, block) in zip(schema.messages, blocks) {
                #expect(block.prefix(while: { $0 != "\n" }).hasSuffix(#"".\#(message.name)""#), "\(message.name)")
                let numbers = block.matches(of: /fieldNumber: (\d+)/).compactMap { Int($0.1) }
                #expect(Set(numbers) == message.fieldNumbers, "\(name): \(message.name)")
            }
            for value in schema.enumValues {
                // Names stand in strings, between a NUL or a one-letter number code and a NUL.
                #expect(code.contains(value + #"\0"#), "\(name): \(value)")
            }
        }
    }
}
