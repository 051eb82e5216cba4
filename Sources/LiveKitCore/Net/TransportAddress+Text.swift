extension TransportAddress: CustomStringConvertible {
    /// Parses a numeric address: dotted IPv4, or IPv6 with `::` and an optional dotted tail. Host names and
    /// zone identifiers give `nil`.
    public init?(host: some StringProtocol, port: UInt16) {
        if host.contains(":") {
            guard let (high, low) = Self.parseIPv6(host) else { return nil }
            self.init(ipv6High: high, low: low, port: port)
        } else {
            guard let value = Self.parseIPv4(host) else { return nil }
            self.init(ipv4: value, port: port)
        }
    }

    /// The address without its port, in the form that SDP and URLs-without-brackets use.
    public var host: String {
        switch family {
        case .ipv4:
            let octets = [24, 16, 8, 0].map { (shift: UInt64) -> UInt8 in UInt8(truncatingIfNeeded: low >> shift) }
            return octets.map(String.init).joined(separator: ".")
        case .ipv6:
            let groups = (0..<8).map { (index: Int) -> UInt16 in
                let half = index < 4 ? high : low
                return UInt16(truncatingIfNeeded: half >> UInt64((3 - index % 4) * 16))
            }
            return Self.formatIPv6(groups)
        }
    }

    /// `host:port`, with brackets around IPv6.
    public var description: String {
        family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    private static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCII), let octet = UInt8(part) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func parseIPv6(_ text: some StringProtocol) -> (UInt64, UInt64)? {
        guard text.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(of: halves[0]) else { return nil }
        var all = head
        if halves.count == 2 {
            guard let tail = groups(of: halves[1]), head.count + tail.count <= 7 else { return nil }
            all += Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard all.count == 8 else { return nil }
        let fold = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return (fold(all[0..<4]), fold(all[4..<8]))
    }

    private static func groups(of text: some StringProtocol) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.contains("."), index == parts.count - 1, let dotted = parseIPv4(part) {
                groups += [UInt16(dotted >> 16), UInt16(truncatingIfNeeded: dotted)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// RFC 5952: the longest run of at least two zero groups is shortened.
    private static func formatIPv6(_ groups: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start) + 1
        }
        let hex = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}
