package import LiveKitCore

/// Peers that no stranger may reach through a relay, each in the forms that addresses are smuggled in.
package enum TURNPeerTable {
    package struct Row: CustomStringConvertible, Sendable {
        package let host: String
        let why: String

        package var description: String { "\(host) (\(why))" }
        package var address: TransportAddress {
            guard let address = TransportAddress(host: host, port: 9000) else {
                preconditionFailure("\(host) is no address")
            }
            return address
        }
        /// Whether it is refused for being the server's own, where the server is 5.5.5.5.
        package var isOwn: Bool { why == "this server" }
    }

    package static let refused: [Row] =
        rows("this network", ["0.0.0.0", "0.0.0.1", "0.255.255.255"])
        + rows("loopback", ["127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"])
        + rows("unspecified", ["::"])
        + rows(
            "private",
            [
                "10.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
                "192.168.255.255",
            ])
        + rows("carrier's NAT", ["100.64.0.1", "100.127.255.255"])
        + rows("link-local", ["169.254.0.1", "169.254.169.254", "fe80::1", "febf:ffff::1", "fe80::a9fe:a9fe"])
        + rows(
            "protocol assignment", ["192.0.0.1", "192.0.0.170", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1"])
        + rows("documentation", ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"])
        + rows("6to4 relay", ["192.88.99.1"])
        + rows("benchmark", ["198.18.0.1", "198.19.255.255"])
        + rows(
            "multicast",
            ["224.0.0.1", "224.0.0.251", "239.255.255.255", "ff02::1", "ff02::fb", "ff0e::1", "ff05::2"])
        + rows("reserved", ["240.0.0.1", "255.255.255.254"])
        + rows("broadcast", ["255.255.255.255"])
        + rows(
            "IPv4-mapped",
            [
                "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:192.168.1.1", "::ffff:169.254.169.254",
                "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:100.64.0.1", "::ffff:255.255.255.255",
            ])
        + rows("IPv4-compatible", ["::127.0.0.1", "::10.0.0.1", "::192.168.0.1", "::8.8.8.8"])
        + rows("IPv4-translated", ["::ffff:0:127.0.0.1", "::ffff:0:10.0.0.1"])
        + rows(
            "NAT64",
            [
                "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8",
                "64:ff9b:1::10.0.0.1",
            ])
        + rows("6to4", ["2002:7f00:1::1", "2002:a00:1::1", "2002:c0a8:101::1", "2002:808:808::1"])
        + rows("Teredo", ["2001:0:7f00:1::1", "2001::f5ff:fffe", "2001:0:808:808:0:0:f7f7:f7f7"])
        + rows("ISATAP", ["2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1"])
        + rows("unique local", ["fc00::1", "fd00::1", "fdff:ffff:ffff::1", "fd00:ec2::254"])
        + rows("site-local", ["fec0::1", "feff::1"])
        + rows("discard", ["100::1", "100:0:0:1::1"])
        + rows("segment routing", ["5f00::1"])
        + rows("not allocated", ["4000::1", "8000::1"])
        + rows("this server", ["5.5.5.5", "::ffff:5.5.5.5", "2a00:5::5"])

    package static let allowed: [Row] = rows(
        "public",
        [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1",
            "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8",
            "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2001:db7::1", "2003::1",
            "3ffe::1", "2a00::5efe:8.8.8.8",
        ])

    private static func rows(_ why: String, _ hosts: [String]) -> [Row] {
        hosts.map { Row(host: $0, why: why) }
    }
}
