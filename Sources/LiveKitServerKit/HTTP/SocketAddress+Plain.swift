internal import NIOCore

extension SocketAddress {
    /// The IP address as its owner knows it: IPv4 comes to a socket of both families as IPv6 (RFC 4291 §2.5.5.2).
    var plainIPAddress: String? {
        guard let address = ipAddress else { return nil }
        let mapped = "::ffff:"
        return address.lowercased().hasPrefix(mapped) && address.contains(".")
            ? String(address.dropFirst(mapped.count)) : address
    }
}
