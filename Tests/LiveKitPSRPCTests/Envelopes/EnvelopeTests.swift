import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@Suite("Envelopes: psrpc's Msg")
struct EnvelopeTests {
    @Test("A response is written as psrpc writes it")
    func writesTheVector() throws {
        var response = PSRPCResponse()
        response.requestID = "REQ_1"
        response.serverID = "SRV_1"
        response.sentAt = 300
        response.rawResponse = Data([1, 2])
        let content: [UInt8] =
            [0x0A, 5] + Array("REQ_1".utf8) + [0x12, 5] + Array("SRV_1".utf8) + [0x18, 0xAC, 0x02, 0x3A, 2, 1, 2]
        let name = Array("type.googleapis.com/internal.Response".utf8)
        let vector = [0x0A, UInt8(name.count)] + name + [0x12, UInt8(content.count)] + content
        #expect(try Envelope.seal(response) == vector)
        #expect(Envelope.open(vector) == response)
    }

    @Test("A bid carries its affinity as four bytes")
    func writesABid() throws {
        var bid = PSRPCClaimRequest()
        bid.requestID = "R"
        bid.serverID = "S"
        bid.affinity = 0.5
        let name = Array("type.googleapis.com/internal.ClaimRequest".utf8)
        let content: [UInt8] = [0x0A, 1, 0x52, 0x12, 1, 0x53, 0x1D, 0, 0, 0, 0x3F]
        #expect(
            try Envelope.seal(bid) == [0x0A, UInt8(name.count)] + name + [0x12, UInt8(content.count)] + content)
    }

    @Test("What a subscription tells travels as itself")
    func writesSubscriptions() throws {
        var ping = Rpc_KeepalivePing()
        ping.timestamp = 5
        let name = Array("type.googleapis.com/rpc.KeepalivePing".utf8)
        #expect(try Envelope.seal(ping) == [0x0A, UInt8(name.count)] + name + [0x12, 2, 0x08, 5])
    }

    @Test("A message of another type is not read")
    func refusesOtherTypes() throws {
        var bid = PSRPCClaimRequest()
        bid.requestID = "R"
        let bytes = try Envelope.seal(bid)
        #expect(Envelope.open(bytes, as: PSRPCClaimRequest.self) == bid)
        #expect(Envelope.open(bytes, as: PSRPCClaimResponse.self) == nil)
        #expect(Envelope.open([], as: PSRPCResponse.self) == nil)
    }

    @Test("The channel of other buses and fields of later versions are passed over")
    func passesOverUnknownFields() throws {
        var choice = PSRPCClaimResponse()
        choice.serverID = "S"
        let bytes = try Envelope.seal(choice) + [0x1A, 1, 0x63, 0xF8, 0x07, 1]
        #expect(Envelope.open(bytes) == choice)
    }

    @Test("Truncated and mutated envelopes are read or refused", arguments: [1, 2, 3, 4] as [UInt64])
    func survivesMutations(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        var stream = PSRPCStream()
        stream.streamID = "STR_1"
        stream.open.nodeID = "ND_1"
        stream.open.metadata = ["a": "b"]
        let bytes = try Envelope.seal(stream)
        for length in bytes.indices { _ = Envelope.open(Array(bytes.prefix(length)), as: PSRPCStream.self) }
        for _ in 0..<2000 {
            var mutated = bytes
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                mutated[Int.random(in: mutated.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let read = Envelope.open(mutated, as: PSRPCStream.self) {
                #expect(Envelope.open(try Envelope.seal(read)) == read)
            }
        }
    }
}
