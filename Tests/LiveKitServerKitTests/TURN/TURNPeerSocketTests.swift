import Foundation
import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Logging
import NIOCore
import Testing

@testable import LiveKitServerKit

@Suite("TURN's peers, over real sockets", .serialized)
struct TURNPeerSocketTests {
    private static let channelNumber: UInt16 = 0x4000
    private static let data = Array("let me in".utf8)

    /// Runs the service as it comes: no restricted address is allowed.
    private func withService(
        _ transport: TURNTransport, _ body: (TURNService, RawTURNClient) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "turn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = try FreePort.find()
        var configuration = LiveKitServerConfiguration()
        configuration.keys = ["devkey": "secret of more than thirty-two characters"]
        configuration.rtc.nodeIP = "127.0.0.1"
        configuration.turn.isEnabled = true
        configuration.turn.bindAddresses = ["127.0.0.1"]
        configuration.turn.relayRangeStart = 42_500
        configuration.turn.relayRangeEnd = 42_510
        configuration.turn.domain = "turn.example.com"
        configuration.turn.hasExternalTLS = transport == .tcp
        if transport == .udp { configuration.turn.udpPort = port } else { configuration.turn.tlsPort = port }
        if transport == .tls {
            (configuration.turn.certificateFile, configuration.turn.keyFile) = try await CoturnTools.certificate(
                in: folder)
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = try await TURNService.start(configuration, mediaPort: nil, clock: .system, logger: logger)
        do {
            let address = TransportAddress(ipv4: 0x7F00_0001, port: UInt16(port))
            let credentials = TURNCredentials(
                apiKey: "devkey", apiSecret: "secret of more than thirty-two characters", participant: "PA_x",
                lifetimeSeconds: 300, now: ServerClock.system.unixMilliseconds() / 1000)
            let client = try await RawTURNClient.open(transport, to: address, credentials)
            try await body(service, client)
            try await client.close()
        } catch {
            await service.shutdown()
            throw error
        }
        await service.shutdown()
    }

    @Test(
        "No method reaches a refused peer in any of its spellings, and no byte leaves",
        .enabled(if: CoturnTools.openSSL != nil, "openssl is not installed"), arguments: TURNTransport.allCases)
    func refuses(transport: TURNTransport) async throws {
        // Where a byte for this host would come in.
        let (listener, inbox) = try await DatagramInbox.open(host: "0.0.0.0")
        let port = UInt16(listener.localAddress?.port ?? 0)
        try await withService(transport) { service, client in
            #expect(try await client.allocate().messageClass == .success)
            for row in TURNPeerTable.refused where !row.isOwn {
                let peer = row.address.with(port: port)
                let requests: [(STUNMessage.Method, [STUNAttribute])] = [
                    (.createPermission, [.xorPeerAddress(peer)]),
                    (.channelBind, [.channelNumber(Self.channelNumber), .xorPeerAddress(peer)]),
                    (.connect, [.xorPeerAddress(peer)]),
                ]
                for (method, attributes) in requests {
                    let answer = try await client.ask(method, attributes)
                    #expect(answer.errorCode?.code == 403, "\(row), method \(method.rawValue), \(transport)")
                }
                await client.send(
                    STUNMessage(
                        class: .indication, method: .send, transactionID: STUNTransactionID(high: 1, low: 1),
                        attributes: [.xorPeerAddress(peer), .data(Self.data)]
                    ).encoded(fingerprint: false))
                await client.send(
                    ChannelData(number: Self.channelNumber, payload: Self.data).encoded(isPadded: transport.isStream))
            }
            // An answer to a later request says that all before it was handled.
            _ = try await client.ask(.refresh, [])
            let statistics = try #require(await service.statistics())
            #expect(statistics.relayedToPeers == 0 && statistics.relayedBytesToPeers == 0)
            #expect(statistics.forbiddenPeers >= 180)
            #expect(inbox.take().isEmpty)
        }
        try await listener.close()
    }

    @Test(
        "TCP to peers is not to be had: Connect and ConnectionBind are refused, and Allocate for TCP",
        .enabled(if: CoturnTools.openSSL != nil, "openssl is not installed"), arguments: TURNTransport.allCases)
    func refusesRFC6062(transport: TURNTransport) async throws {
        try await withService(transport) { _, client in
            #expect(try await client.allocate().messageClass == .success)
            let peer = TransportAddress(ipv4: 0x0808_0808, port: 80)
            #expect(try await client.ask(.connect, [.xorPeerAddress(peer)]).errorCode?.code == 437)
            #expect(try await client.ask(.connect, []).errorCode?.code == 400)
            #expect(try await client.ask(.connectionBind, []).errorCode?.code == 400)
            _ = try await client.ask(.refresh, [.lifetime(0)])
            #expect(try await client.ask(.allocate, [.requestedTransport(6)]).errorCode?.code == 442)
        }
    }
}
