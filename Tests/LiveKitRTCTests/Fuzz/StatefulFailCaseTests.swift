import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

/// Inputs on which a fuzzer of a whole machine once failed, and inputs at random. None may fail.
@Suite("Machines under hostile commands")
struct StatefulFailCaseTests {
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/FailCases")

    private static func inputs(of target: String, random count: Int) throws -> [[UInt8]] {
        let folder = root.appending(path: target)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
        let kept = try names.sorted().map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
        var random = DeterministicRandom(seed: 9)
        return kept
            + (0..<count).map { _ in
                (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
    }

    @Test("SCTP association")
    func sctpAssociation() throws {
        for input in try Self.inputs(of: "FuzzSCTPAssociation", random: 60) { SCTPAssociationModel.run(input) }
    }

    @Test("ICE agent")
    func iceAgent() throws {
        for input in try Self.inputs(of: "FuzzICEAgent", random: 60) { ICEAgentModel.run(input) }
    }

    @Test("DTLS transport")
    func dtlsTransport() throws {
        for input in try Self.inputs(of: "FuzzDTLSTransport", random: 30) { DTLSTransportModel.run(input) }
    }

    @Test("TURN client")
    func turnClient() throws {
        for input in try Self.inputs(of: "FuzzTURNClient", random: 300) { TURNClientModel.run(input) }
    }

    @Test("Peer connection behind decryption")
    func peerConnection() throws {
        for input in try Self.inputs(of: "FuzzPeerConnection", random: 40) { PeerConnectionModel.run(input) }
    }

    @Test("Jitter buffers")
    func jitterBuffers() throws {
        for input in try Self.inputs(of: "FuzzJitterBuffers", random: 100) { JitterBufferModel.run(input) }
    }

    @Test("Forward error correction")
    func flexFEC() throws {
        for input in try Self.inputs(of: "FuzzFlexFEC", random: 100) { FlexFECModel.run(input) }
    }

    @Test("Negotiator")
    func negotiator() throws {
        for input in try Self.inputs(of: "FuzzNegotiator", random: 40) { NegotiatorModel.run(input) }
    }
}
