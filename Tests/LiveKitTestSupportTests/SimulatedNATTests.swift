import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Simulated network: NATs, RFC 4787")
struct SimulatedNATTests {
    /// One host behind a NAT, and two servers with two ports each outside.
    final class Site {
        static let inside = TransportAddress(ipv4: 0xC0A8_0002, port: 5000)
        static let outside = TransportAddress(ipv4: 0xC633_6401, port: 0)
        static let first = TransportAddress(ipv4: 0xCB00_7101, port: 3478)
        static let second = TransportAddress(ipv4: 0xCB00_7102, port: 3478)

        var network = SimulatedNetwork(seed: 1)
        let nat: SimulatedNetwork.NATID
        let host: SimulatedNetwork.HostID
        private let servers: [SimulatedNetwork.HostID]

        init(_ behaviour: NATBehaviour) {
            nat = network.addNAT(behaviour, addresses: [Self.outside])
            host = network.addHost("client", addresses: [Self.inside], behind: nat)
            servers = [
                network.addHost("first", addresses: [Self.first]), network.addHost("second", addresses: [Self.second]),
            ]
        }

        /// The source that the destination sees, or `nil` where nothing arrives.
        func send(to destination: TransportAddress, from source: TransportAddress = Site.inside)
            -> TransportAddress?
        {
            network.send([1], from: host, source: source, to: destination)
            network.advance(to: nil, end: network.now)
            return network.takeDelivery()?.source
        }

        /// Whether a datagram from outside comes in.
        func admits(from source: TransportAddress, to external: TransportAddress) -> Bool {
            let sender = source.with(port: 0) == Self.first.with(port: 0) ? servers[0] : servers[1]
            network.send([2], from: sender, source: source, to: external)
            network.advance(to: nil, end: network.now)
            guard let delivery = network.takeDelivery() else { return false }
            return delivery.host == host && delivery.destination == Self.inside
        }

        func take() -> SimulatedNetwork.Delivery? { network.takeDelivery() }

        func wait(_ duration: MediaDuration) {
            network.advance(to: nil, end: network.now + duration)
        }
    }

    @Test(
        "The four kinds: which mapping another destination sees, and who is let in",
        arguments: [
            ("full cone", NATBehaviour.fullCone, true, [true, true, true]),
            ("address restricted", .addressRestricted, true, [true, true, false]),
            ("port restricted", .portRestricted, true, [true, false, false]),
            ("symmetric", .symmetric, false, [true, false, false]),
        ])
    func kinds(name: String, behaviour: NATBehaviour, sharesMapping: Bool, admitted: [Bool]) throws {
        let site = Site(behaviour)
        let external = try #require(site.send(to: Site.first))
        #expect(external.with(port: 0) == Site.outside && external.port >= 1024)
        // The peer itself, its address with another port, and a stranger.
        let sources = [Site.first, Site.first.with(port: 9), Site.second]
        #expect(sources.map { site.admits(from: $0, to: external) } == admitted)
        #expect(site.send(to: Site.first) == external)
        #expect((site.send(to: Site.second) == external) == sharesMapping)
        #expect((site.send(to: Site.first.with(port: 9)) == external) == sharesMapping)
        #expect(site.send(to: Site.first, from: Site.inside.with(port: 5001)) != external)
    }

    @Test("All nine pairs of mapping and filtering")
    func matrix() throws {
        let kinds: [NATBehaviour.Dependence] = [.endpointIndependent, .addressDependent, .addressAndPortDependent]
        for mapping in kinds {
            for filtering in kinds {
                let site = Site(NATBehaviour(mapping: mapping, filtering: filtering))
                let external = try #require(site.send(to: Site.first))
                let otherPort = Site.first.with(port: 9)
                #expect(site.admits(from: otherPort, to: external) == (filtering != .addressAndPortDependent))
                #expect(site.admits(from: Site.second, to: external) == (filtering == .endpointIndependent))
                #expect((site.send(to: otherPort) == external) == (mapping != .addressAndPortDependent))
                #expect((site.send(to: Site.second) == external) == (mapping == .endpointIndependent))
            }
        }
    }

    @Test("A mapping ends by its timeout, which traffic from inside renews and traffic from outside may")
    func expires() throws {
        for isRefreshedFromOutside in [true, false] {
            var behaviour = NATBehaviour.portRestricted
            behaviour.timeout = .seconds(30)
            behaviour.isRefreshedFromOutside = isRefreshedFromOutside
            let site = Site(behaviour)
            let external = try #require(site.send(to: Site.first))
            site.wait(.seconds(20))
            #expect(site.send(to: Site.first) == external)
            site.wait(.seconds(20))
            #expect(site.admits(from: Site.first, to: external))
            site.wait(.seconds(20))
            #expect(site.admits(from: Site.first, to: external) == isRefreshedFromOutside)
            site.wait(.seconds(31))
            #expect(!site.admits(from: Site.first, to: external))
            #expect(site.send(to: Site.first) != external)
        }
    }

    @Test("Rebinding forgets every mapping, now or at a time to come, and may change the address")
    func rebinds() throws {
        let site = Site(.portRestricted)
        let external = try #require(site.send(to: Site.first))
        site.network.rebind(site.nat)
        #expect(!site.admits(from: Site.first, to: external))
        let next = try #require(site.send(to: Site.first))
        #expect(next != external && next.with(port: 0) == Site.outside)
        let moved = TransportAddress(ipv4: 0xC633_6463, port: 0)
        site.network.rebind(site.nat, to: moved, at: site.network.now + .seconds(5))
        #expect(site.admits(from: Site.first, to: next))
        site.wait(.seconds(6))
        #expect(!site.admits(from: Site.first, to: next))
        let last = try #require(site.send(to: Site.first))
        #expect(last.with(port: 0) == moved)
        #expect(site.admits(from: Site.first, to: last))
    }

    @Test("Hosts behind one NAT meet directly, and by their external addresses only where it hairpins")
    func hairpins() throws {
        for hairpins in [false, true] {
            var behaviour = NATBehaviour.fullCone
            behaviour.hairpins = hairpins
            let site = Site(behaviour)
            let neighbour = TransportAddress(ipv4: 0xC0A8_0003, port: 6000)
            let other = site.network.addHost("neighbour", addresses: [neighbour], behind: site.nat)
            #expect(site.send(to: neighbour) == Site.inside)
            let mine = try #require(site.send(to: Site.first))
            site.network.send([3], from: other, source: neighbour, to: mine)
            site.network.advance(to: nil, end: site.network.now)
            let delivery = site.take()
            #expect((delivery?.host == site.host) == hairpins)
            // REQ-9 of RFC 4787: seen from outside.
            if hairpins { #expect(delivery?.source.with(port: 0) == Site.outside) }
        }
    }

    @Test("Two NATs may hide the same private address, and an IPv6 address beside it goes out untranslated")
    func overlaps() throws {
        let site = Site(.symmetric)
        let far = site.network.addNAT(.fullCone, addresses: [TransportAddress(ipv4: 0xC633_6402, port: 0)])
        let twin = site.network.addHost("twin", addresses: [Site.inside], behind: far)
        site.network.send([1], from: twin, source: Site.inside, to: Site.first)
        site.network.advance(to: nil, end: site.network.now)
        let external = try #require(site.take()?.source)
        #expect(external.with(port: 0) == TransportAddress(ipv4: 0xC633_6402, port: 0))
        #expect(site.network.externalAddress(of: Site.inside, behind: far, toward: Site.first) == external)
        site.network.send([2], from: site.host, source: Site.inside, to: external)
        site.network.advance(to: nil, end: site.network.now)
        #expect(site.take()?.host == twin)

        let six = TransportAddress(ipv6High: 0x2001_0DB8 << 32, low: 1, port: 7)
        let server = TransportAddress(ipv6High: 0x2001_0DB8 << 32, low: 2, port: 7)
        site.network.add(six, to: site.host)
        _ = site.network.addHost("six", addresses: [server])
        #expect(site.send(to: server, from: six) == six)
        let unspecified = TransportAddress(ipv4: 0, port: 7)
        #expect(site.send(to: server, from: unspecified) == six)
    }
}
