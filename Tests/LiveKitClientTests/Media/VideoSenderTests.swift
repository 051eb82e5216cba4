import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitClient

@Suite("A video track's share of the connection's rate")
struct VideoSenderTests {
    private struct Fixture {
        let sender: VideoSender
        let encoder: EncoderControls

        /// The rates that the encoders read, in kilobits each second; `nil` for a layer that is off.
        func rates(at kilobits: Int64, isBacklogged: Bool = false) -> [Int?] {
            // The first time decides how many layers there are, and so what packets cost.
            for _ in 0..<2 { sender.setRate(.kilobits(kilobits), isBacklogged: isBacklogged) }
            return (0..<3).map { encoder.rates.bitrate(layer: $0).map { $0 / 1000 } }
        }
    }

    private func fixture() throws -> Fixture {
        let connection = PeerConnection(
            PeerConnectionConfiguration(
                isOfferer: true, certificate: try DTLSCertificate(), capabilities: .liveKitClient, hostAddresses: [],
                entropy: { [UInt8](repeating: 7, count: $0) }, wallClockOffset: 0),
            output: DatagramBatch(capacity: 4), socket: 0, now: .start)
        let plans = SimulcastLayers.plan(Dimensions(width: 1280, height: 720), options: VideoPublishOptions())
        let encoder = EncoderControls(layerCount: plans.count)
        return Fixture(
            sender: VideoSender(clientID: "cid", layers: plans, encoder: encoder, connection: connection),
            encoder: encoder)
    }

    @Test("It goes to the lower layers first")
    func sharesAmongLayers() throws {
        let fixture = try fixture()
        let low = fixture.rates(at: 100)
        #expect((80...90).contains(low[0] ?? 0))
        #expect(low[1] == nil && low[2] == nil)
        let middle = fixture.rates(at: 500)
        #expect(middle[0] == 150)
        #expect((250...350).contains(middle[1] ?? 0))
        #expect(middle[2] == nil)
        #expect(fixture.rates(at: 3000) == [150, 450, 1700])
        #expect(fixture.rates(at: 0) == [10, nil, nil])
    }

    @Test("It can use what all its layers make, packets and all, and needs next to nothing")
    func tellsItsDemand() throws {
        let fixture = try fixture()
        #expect((2310...2600).contains(fixture.sender.demand.maximum.kilobits))
        #expect(fixture.sender.demand.minimum == LayerAllocation.least)
    }

    @Test("A layer that nobody watches leaves its part to the others, and to other tracks")
    func leavesOutUnwatchedLayers() throws {
        let fixture = try fixture()
        fixture.encoder.activity.set(false, layer: 2)
        #expect(fixture.rates(at: 3000) == [150, 450, nil])
        #expect((600...800).contains(fixture.sender.demand.maximum.kilobits))
    }

    @Test("The encoder hears that too much waits")
    func tellsOfTheBacklog() throws {
        let fixture = try fixture()
        _ = fixture.rates(at: 500, isBacklogged: true)
        #expect(fixture.encoder.rates.skipsFrame())
        _ = fixture.rates(at: 500)
        #expect(!fixture.encoder.rates.skipsFrame())
    }
}
