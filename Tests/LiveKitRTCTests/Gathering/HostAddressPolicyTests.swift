import LiveKitCore
import LiveKitRTC
import Testing

@Suite("HostAddressPolicy, LiveKit's rtc.interfaces, ips, node_ip")
struct HostAddressPolicyTests {
    private static let host = [
        ("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "10.0.0.5"), ("eth0", "2001:db8::5"), ("eth0", "fe80::5"),
        ("docker0", "172.17.0.1"), ("eth1", "192.168.1.5"), ("eth1", "169.254.3.3"),
    ].compactMap { name, host in
        TransportAddress(host: host, port: 0).map { InterfaceAddress(interface: name, address: $0) }
    }

    private func announced(_ change: (inout HostAddressPolicy) -> Void = { _ in }) -> [String] {
        var policy = HostAddressPolicy()
        change(&policy)
        return policy.announced(Self.host).map(\.host)
    }

    private func address(_ host: String) -> TransportAddress {
        TransportAddress(host: host, port: 0) ?? TransportAddress(ipv4: 0, port: 0)
    }

    private func block(_ text: String) throws -> AddressBlock { try #require(AddressBlock(text)) }

    @Test("Without settings: what is neither loopback nor link-local, families in turns")
    func hasDefaults() {
        #expect(announced() == ["2001:db8::5", "10.0.0.5", "172.17.0.1", "192.168.1.5"])
        #expect(announced { $0.includesIPv6 = false } == ["10.0.0.5", "172.17.0.1", "192.168.1.5"])
    }

    @Test("Loopback by choice, or where there is nothing else")
    func includesLoopback() {
        #expect(announced { $0.includesLoopback = true }.suffix(2) == ["192.168.1.5", "127.0.0.1"])
        #expect(announced { $0.interfaces.includes = ["lo"] } == ["::1", "127.0.0.1"])
        #expect(announced { $0.interfaces.includes = ["nothing"] }.isEmpty)
    }

    @Test("Interfaces are included or excluded; what is included wins")
    func filtersInterfaces() {
        #expect(announced { $0.interfaces.excludes = ["docker0", "eth1"] } == ["2001:db8::5", "10.0.0.5"])
        #expect(announced { $0.interfaces = .init(includes: ["eth1"], excludes: ["eth1"]) } == ["192.168.1.5"])
    }

    @Test("Addresses are included or excluded by block; what is included wins")
    func filtersAddresses() throws {
        let excludes = [try block("172.16.0.0/12"), try block("2001:db8::/32")]
        #expect(announced { $0.addresses.excludes = excludes } == ["10.0.0.5", "192.168.1.5"])
        let includes = [try block("10.0.0.0/8")]
        #expect(
            announced { $0.addresses = .init(includes: includes, excludes: includes) } == ["10.0.0.5"])
    }

    @Test("A node address stands for all of its family")
    func replacesByNodeAddress() {
        #expect(announced { $0.nodeAddresses = [address("203.0.113.5")] } == ["2001:db8::5", "203.0.113.5"])
        #expect(
            announced {
                $0.nodeAddresses = [address("203.0.113.5"), address("2001:db8::99")]
                $0.includesLoopback = true
            } == ["2001:db8::99", "203.0.113.5", "::1", "127.0.0.1"])
    }

    @Test("External addresses stand for those that STUN saw behind them")
    func replacesByExternal() {
        let external = [address("10.0.0.5"): address("203.0.113.5")]
        #expect(
            announced { $0.externalAddresses = external }
                == ["2001:db8::5", "203.0.113.5", "172.17.0.1", "192.168.1.5"])
        #expect(
            announced {
                $0.externalAddresses = external
                $0.announcesExternalOnly = true
            } == ["2001:db8::5", "203.0.113.5"])
        #expect(
            announced {
                $0.externalAddresses = external
                $0.announcesExternalOnly = true
                $0.announcesInternal = true
            } == ["2001:db8::5", "203.0.113.5", "10.0.0.5"])
    }

    @Test("Candidates of one socket share a base, are ordered, and have the ports that are open")
    func makesCandidates() throws {
        var candidates = HostCandidates()
        candidates.udpPorts = [.ipv4: 7882, .ipv6: 7882]
        candidates.tcpPorts = [.ipv4: 7881]
        let made = candidates.make(HostAddressPolicy().announced(Self.host))
        #expect(made.map(\.address.description).prefix(3) == ["[2001:db8::5]:7882", "10.0.0.5:7882", "10.0.0.5:7881"])
        #expect(made.filter { $0.transport == .tcp }.allSatisfy { $0.tcpType == .passive && $0.address.port == 7881 })
        #expect(Set(made.filter { $0.transport == .udp }.map(\.base.description)) == ["0.0.0.0:7882", "[::]:7882"])
        #expect(Set(made.map(\.priority)).count == made.count)
        let udp = made.filter { $0.transport == .udp }.map(\.priority)
        #expect(udp == udp.sorted(by: >))

        var client = HostCandidates()
        client.udpPorts = [.ipv4: 50_000]
        client.dialsTCP = true
        let dialling = client.make([address("10.0.0.5")])
        #expect(dialling.map(\.tcpType) == [nil, .active])
        #expect(dialling.last?.attribute.hasSuffix("10.0.0.5 9 typ host tcptype active") ?? false)
    }
}
