import LiveKitCore
import LiveKitRTC
import LiveKitRTCTransport
import Testing

@testable import LiveKitServerKit

@Suite("Where media is reached", .timeLimit(.minutes(1)))
struct MediaSocketsTests {
    private func plane(_ change: (inout MediaPlaneConfiguration) -> Void = { _ in }) async throws
        -> ForwardingMediaPlane
    {
        var configuration = MediaPlaneConfiguration()
        configuration.addresses.nodeAddresses = [TransportAddress(ipv4: 0xCB00_7105, port: 0)]
        configuration.addresses.interfaces.includes = ["lo"]
        change(&configuration)
        return try await ForwardingMediaPlane(configuration)
    }

    @Test("UDP and passive TCP are offered at the ports that were opened")
    func offersBoth() async throws {
        let plane = try await plane { $0.addresses.includesLoopback = true }
        let offered = plane.shared.candidates.filter { $0.address.family == .ipv4 && !$0.address.isLoopback }
        #expect(offered.map(\.address.host) == ["203.0.113.5", "203.0.113.5"])
        #expect(offered.map(\.transport) == [.udp, .tcp])
        #expect(offered.map(\.address.port) == [plane.udpPort, plane.tcpPort])
        #expect(offered.last?.tcpType == .passive)
        await plane.shutdown()
        await plane.shutdown()
    }

    @Test("A TCP port that is taken is an error where it was asked for, and done without where not")
    func handlesTakenPorts() async throws {
        let first = try await plane()
        let taken = try #require(first.tcpPort)
        await #expect(throws: SocketError.self) { try await plane { $0.tcpPort = .required(taken) } }
        let without = try await plane { $0.tcpPort = .preferred(taken) }
        #expect(without.tcpPort == nil && without.udpPort != nil)
        let none = try await plane { $0.tcpPort = .none }
        #expect(none.tcpPort == nil)
        #expect(none.shared.candidates.allSatisfy { $0.transport == .udp })
        for plane in [first, without, none] { await plane.shutdown() }
    }
}
