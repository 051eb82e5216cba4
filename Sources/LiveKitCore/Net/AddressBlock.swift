/// A block of addresses in CIDR notation, such as `10.0.0.0/8` or `fc00::/7`.
///
/// A block is of one family. IPv4-mapped IPv6 addresses are IPv4, as in ``TransportAddress``.
package struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    private let family: TransportAddress.Family
    private let high: UInt64
    private let low: UInt64
    private let highMask: UInt64
    private let lowMask: UInt64
    /// The prefix's length in bits.
    package let length: Int

    /// Parses `address/bits`; an address alone is the block that holds only it. Bits behind the prefix may be set
    /// and count for nothing. `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = TransportAddress(host: parts[0], port: 0) else { return nil }
        let width = address.family == .ipv4 ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let bits = Int(parts[1]), bits <= width else {
                return nil
            }
            length = bits
        }
        self.init(address, length: length)
    }

    /// The block of the first `length` bits of `address`.
    package init(_ address: TransportAddress, length: Int) {
        family = address.family
        self.length = length
        // An IPv4 address is taken as 96 zero bits and its own.
        let bits = min(max(length + (family == .ipv4 ? 96 : 0), 0), 128)
        highMask = bits >= 64 ? .max : bits == 0 ? 0 : .max << UInt64(64 - bits)
        lowMask = bits <= 64 ? 0 : .max << UInt64(128 - bits)
        high = address.high & highMask
        low = address.low & lowMask
    }

    package func contains(_ address: TransportAddress) -> Bool {
        address.family == family && address.high & highMask == high && address.low & lowMask == low
    }

    package var description: String {
        let address =
            family == .ipv4
            ? TransportAddress(ipv4: UInt32(truncatingIfNeeded: low), port: 0)
            : TransportAddress(ipv6High: high, low: low, port: 0)
        return "\(address.host)/\(length)"
    }
}
