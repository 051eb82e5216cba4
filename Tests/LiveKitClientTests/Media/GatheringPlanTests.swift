import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitRTCTransport
import Testing

@testable import LiveKitClient

@Suite("Names of ICE servers", .timeLimit(.minutes(1)))
struct GatheringPlanTests {
    private let logger = RoomSession.logger

    private func plan(_ urls: [String], _ policy: IceTransportPolicy = .all) -> GatheringPlan {
        var options = ConnectOptions(iceTransportPolicy: policy)
        options.iceServers = urls.map { IceServer(urls: [$0], username: "alice", credential: "secret") }
        return GatheringPlan(options: options, offered: [], configuration: .init(), isLocal: false)
    }

    private static func address(_ port: UInt16) -> TransportAddress { TransportAddress(ipv4: 0xC000_0201, port: port) }

    @Test("Servers are used as soon as their name is resolved, whoever else is waited for")
    func slowName() async {
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let resolver: GatheringPlan.Resolver = { name in
            // This one is resolved only after the others are in use.
            if name.host == "slow.example.com" { for await _ in released { break } }
            return [Self.address(name.port)]
        }
        var hosts: [String] = []
        let urls = ["turn:slow.example.com:1", "turn:fast.example.com:2", "turn:quick.example.com:3"]
        await plan(urls).resolve(logger: logger, by: resolver) { servers in
            hosts += servers.relays.map(\.host)
            if hosts.count == 2 { release.yield() }
        }
        #expect(hosts.count == 3 && hosts.last == "slow.example.com")
    }

    @Test("A name is resolved once for all its URLs, and one without an address is left out")
    func names() async {
        let (asked, asking) = AsyncStream.makeStream(of: String.self)
        var stun: [TransportAddress] = []
        var relays: [TURNTransport] = []
        let urls = [
            "turn:a.example.com:1?transport=udp", "turn:a.example.com:1?transport=tcp", "stun:b.example.com:2",
            "turn:nowhere.example.com:3", "nonsense",
        ]
        await plan(urls).resolve(
            logger: logger,
            by: { name in
                asking.yield(name.host)
                return name.host.hasPrefix("nowhere") ? [] : [Self.address(name.port)]
            },
            { servers in
                stun += servers.stun
                relays += servers.relays.map(\.transport)
            })
        asking.finish()
        var names: [String] = []
        for await name in asked { names.append(name) }
        #expect(names.sorted() == ["a.example.com", "b.example.com", "nowhere.example.com"])
        #expect(Set(stun) == [Self.address(1), Self.address(2)] && relays == [.udp, .tcp])
    }

    @Test("Where only relays are allowed no STUN server is asked")
    func relayPolicy() async {
        var stun: [TransportAddress] = []
        var relays = 0
        await plan(["stun:b.example.com", "turn:a.example.com"], .relay).resolve(
            logger: logger, by: { [Self.address($0.port)] },
            { servers in
                stun += servers.stun
                relays += servers.relays.count
            })
        #expect(stun.isEmpty && relays == 1)
    }
}
