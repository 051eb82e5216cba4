internal import CLiveKitSystem
internal import LiveKitCore

extension TransportAddress {
    init(_ address: lk_address) {
        if address.is_ipv6 != 0 {
            self.init(ipv6High: address.high, low: address.low, port: address.port)
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.low), port: address.port)
        }
    }

    var system: lk_address {
        lk_address(high: high, low: low, port: port, is_ipv6: family == .ipv6 ? 1 : 0)
    }
}
