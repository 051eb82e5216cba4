import LiveKitCore
import LiveKitRTC
import LiveKitRTCTransport
import Testing

@testable import LiveKitServerKit

@Suite("A participant's data channels, opened and closed")
struct DataGatesTests {
    private static func connection() throws -> PeerConnection {
        let configuration = PeerConnectionConfiguration(
            isOfferer: true, certificate: try DTLSCertificate(), capabilities: .liveKitClient, hostAddresses: [],
            entropy: SecureRandom.bytes, wallClockOffset: 0)
        return PeerConnection(configuration, output: DatagramBatch(capacity: 64), socket: 0, now: .start)
    }

    @Test("A message to a channel that was closed fails once; one that is not open yet loses it silently")
    func failures() throws {
        let connection = try Self.connection()
        var gates = DataGates(ForwardingSettings())
        func send(_ kind: DataChannelKind) -> Bool { gates.send([1], kind, on: connection, now: .start) }
        for kind in [DataChannelKind.reliable, .lossy, .dataTrack] {
            #expect(send(kind))
            gates.closed(kind)
            #expect(!send(kind))
            #expect(send(kind))
            gates.closed(kind)
            gates.opened(kind)
            #expect(send(kind))
        }
        let counts = [gates.takeTally(), gates.takeTally()].map(\.dataUndelivered)
        #expect(counts == [12, 0])
    }

    @Test("Of channels with names of a client's own nothing is kept")
    func otherNames() throws {
        let connection = try Self.connection()
        var gates = DataGates(ForwardingSettings())
        gates.closed(.other(label: "game"))
        let isWell = gates.send([1], .other(label: "game"), on: connection, now: .start)
        #expect(isWell)
    }
}
