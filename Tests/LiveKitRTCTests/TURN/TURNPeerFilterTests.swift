import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("TURN peer addresses")
struct TURNPeerFilterTests {
    private static let hosts = [TURNDesk.relayHost, TURNDesk.address("2a00:5::5", 0)]
    private static let filter = TURNPeerFilter(ownHosts: hosts)
    private static let channel: UInt16 = 0x4001
    private static let data = Array("not for you".utf8)

    @Test("The table has at least sixty rows")
    func hasRows() {
        #expect(TURNPeerTable.refused.count >= 60)
        #expect(Set(TURNPeerTable.refused.map(\.host)).count == TURNPeerTable.refused.count)
    }

    /// A desk with a client that has an allocation of the peer's family.
    private func desk(_ transport: TURNTransport, for peer: TransportAddress) -> (TURNDesk, TURNFiveTuple, String) {
        let desk = TURNDesk(filter: Self.filter, hosts: Self.hosts)
        let client = TURNDesk.client(1, transport)
        let nonce = desk.nonce(for: client)
        let response = desk.allocate(from: client, [.requestedAddressFamily(peer.family)], nonce: nonce)
        #expect(response?.messageClass == .success)
        return (desk, client, nonce)
    }

    @Test("No method reaches a refused peer, and no byte leaves", arguments: TURNTransport.allCases)
    func refuses(transport: TURNTransport) {
        for row in TURNPeerTable.refused {
            let (desk, client, nonce) = desk(transport, for: row.address)
            let peer = row.address
            let requests: [(STUNMessage.Method, [STUNAttribute])] = [
                (.createPermission, [.xorPeerAddress(peer)]),
                (.channelBind, [.channelNumber(Self.channel), .xorPeerAddress(peer)]),
                (.connect, [.xorPeerAddress(peer)]),
                // A good peer beside it opens no door.
                (.createPermission, [.xorPeerAddress(peer), .xorPeerAddress(TURNDesk.peer)]),
                (.createPermission, [.xorPeerAddress(peer.with(port: 0))]),
            ]
            for (method, attributes) in requests {
                let response = desk.ask(method, attributes, from: client, nonce: nonce)
                #expect(response?.errorCode?.code == 403, "\(row), method \(method.rawValue), \(transport)")
            }
            desk.send(Self.data, to: peer, from: client)
            desk.deliver(
                ChannelData(number: Self.channel, payload: Self.data).encoded(isPadded: transport.isStream),
                from: client)
            #expect(desk.relayed.isEmpty, "\(row), \(transport)")
            #expect(desk.server.statistics.relayedBytesToPeers == 0)
        }
    }

    @Test("A public peer is reached by permission, indication and channel", arguments: TURNTransport.allCases)
    func allows(transport: TURNTransport) {
        for row in TURNPeerTable.allowed {
            let (desk, client, nonce) = desk(transport, for: row.address)
            let peer = row.address
            let permission = desk.ask(.createPermission, [.xorPeerAddress(peer)], from: client, nonce: nonce)
            #expect(permission?.messageClass == .success, "\(row), \(transport)")
            desk.send(Self.data, to: peer, from: client)
            let bind = desk.ask(
                .channelBind, [.channelNumber(Self.channel), .xorPeerAddress(peer)], from: client, nonce: nonce)
            #expect(bind?.messageClass == .success, "\(row), \(transport)")
            desk.deliver(
                ChannelData(number: Self.channel, payload: Self.data).encoded(isPadded: transport.isStream),
                from: client)
            #expect(desk.relayed.map(\.bytes) == [Self.data, Self.data], "\(row), \(transport)")
            #expect(desk.relayed.allSatisfy { $0.peer == peer })
            // Relays are UDP only, so Connect finds no allocation that it could be about.
            let connection = desk.ask(.connect, [.xorPeerAddress(peer)], from: client, nonce: nonce)
            #expect(connection?.errorCode?.code == 437, "\(row), \(transport)")
        }
    }

    @Test("A refused peer's datagrams do not come in either")
    func refusesIncoming() throws {
        for row in TURNPeerTable.refused {
            let (desk, client, _) = desk(.udp, for: row.address)
            let relay = try #require(desk.openRelays.keys.first)
            desk.server.receive(Self.data, onRelay: relay, from: row.address, now: desk.now)
            #expect(desk.server.pollAction() == nil, "\(row)")
            _ = client
        }
    }

    // MARK: Lists

    private func block(_ text: String) throws -> AddressBlock { try #require(AddressBlock(text)) }

    @Test("The allow list opens restricted addresses, and only those it names")
    func opensByList() throws {
        let filter = TURNPeerFilter(allowedBlocks: [try block("10.1.0.0/16"), try block("fd00:1::/32")])
        #expect(filter.allows(TURNDesk.address("10.1.2.3", 9)))
        #expect(filter.allows(TURNDesk.address("::ffff:10.1.2.3", 9)))
        #expect(filter.allows(TURNDesk.address("fd00:1::5", 9)))
        #expect(filter.allows(TURNDesk.address("8.8.8.8", 9)))
        for host in ["10.2.0.1", "127.0.0.1", "fd00:2::5", "::10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1"] {
            #expect(!filter.allows(TURNDesk.address(host, 9)), "\(host)")
        }
    }

    @Test("The deny list wins, also over what an address carries inside")
    func denyListWins() throws {
        let filter = TURNPeerFilter(
            allowedBlocks: [try block("10.0.0.0/8"), try block("64:ff9b::/96")],
            deniedBlocks: [try block("10.0.0.0/24"), try block("9.9.0.0/16"), try block("2a00:9::/32")])
        #expect(filter.allows(TURNDesk.address("10.0.1.1", 9)))
        #expect(filter.allows(TURNDesk.address("64:ff9b::10.0.1.1", 9)))
        #expect(filter.allows(TURNDesk.address("64:ff9b::8.8.8.8", 9)))
        for host in ["10.0.0.1", "9.9.1.1", "::ffff:9.9.1.1", "64:ff9b::9.9.1.1", "64:ff9b::10.0.0.1", "2a00:9::1"] {
            #expect(!filter.allows(TURNDesk.address(host, 9)), "\(host)")
            #expect(!filter.allowsHost(of: TURNDesk.address(host, 9)), "\(host)")
        }
    }

    @Test("No list opens multicast, broadcast and the unspecified address")
    func someAreNeverPeers() throws {
        let filter = TURNPeerFilter(allowedBlocks: [try block("0.0.0.0/0"), try block("::/0")])
        #expect(filter.allows(TURNDesk.address("127.0.0.1", 9)))
        for host in ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:0.0.0.0"] {
            #expect(!filter.allows(TURNDesk.address(host, 9)), "\(host)")
        }
    }

    @Test("Of the server's own hosts only the media endpoints are reached")
    func reachesMediaOnly() {
        let media = TURNDesk.address("5.5.5.5", 7882)
        let filter = TURNPeerFilter(ownHosts: [TURNDesk.relayHost], reachableEndpoints: [media])
        let desk = TURNDesk(filter: filter)
        let client = TURNDesk.client()
        desk.allocate(from: client)
        let permission = desk.ask(.createPermission, [.xorPeerAddress(media.with(port: 1))], from: client)
        #expect(permission?.messageClass == .success)
        for port: UInt16 in [0, 22, 3478, 6379, 7880, 7881, 30_000, 30_001, 65_535] {
            let peer = media.with(port: port)
            desk.send(Self.data, to: peer, from: client)
            let bind = desk.ask(.channelBind, [.channelNumber(Self.channel), .xorPeerAddress(peer)], from: client)
            #expect(bind?.errorCode?.code == 403)
        }
        #expect(desk.relayed.isEmpty)
        desk.send(Self.data, to: media, from: client)
        #expect(desk.relayed.map(\.peer) == [media])
    }

    @Test("Blocks are read, and what is none is refused")
    func readsBlocks() throws {
        #expect(try block("203.0.113.5/24").contains(TURNDesk.address("203.0.113.200", 0)))
        #expect(try !block("203.0.113.0/24").contains(TURNDesk.address("203.0.114.0", 0)))
        #expect(try block("::/0").contains(TURNDesk.address("2a00::1", 0)))
        #expect(try !block("::/0").contains(TURNDesk.address("1.2.3.4", 0)))
        #expect(try block("fe80::/10").contains(TURNDesk.address("febf::1", 0)))
        #expect(try !block("fe80::/10").contains(TURNDesk.address("fec0::1", 0)))
        #expect(try block("2001:db8::/33").contains(TURNDesk.address("2001:db8:7fff::", 0)))
        #expect(try !block("2001:db8::/33").contains(TURNDesk.address("2001:db8:8000::", 0)))
        #expect(try block("2001:db8::8000:0:0:0/65").contains(TURNDesk.address("2001:db8::ffff:0:0:1", 0)))
        #expect(try block("1.2.3.4").description == "1.2.3.4/32")
        for text in [
            "", "/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3/8", "::/129", "a/8", "1.2.3.4/8/8", "1.2.3.4/+8", "1.2.3.4/",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }
}
