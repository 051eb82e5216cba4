internal import CLiveKitSystem
package import LiveKitCore

/// A server as configurations name it: `stun.example.com:3478`, `192.0.2.1`, `[2001:db8::1]:3478`.
package struct ServerName: Hashable, Sendable {
    package let host: String
    package let port: UInt16

    private static let maximumAddresses = 4

    /// Parses the text; `nil` for one without a host or with a port that is none.
    package init?(_ text: String, defaultPort: UInt16) {
        var host = text[...]
        var port = defaultPort
        let isPlainIPv6 = TransportAddress(host: text, port: 0)?.family == .ipv6
        if !isPlainIPv6, let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]) else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, port != 0 else { return nil }
        self.host = String(host)
        self.port = port
    }

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The host's addresses. A name is asked of the system's resolver on a thread of its own, for it blocks.
    package func addresses() async -> [TransportAddress] {
        if let address = TransportAddress(host: host, port: port) { return [address] }
        let (host, port) = (host, port)
        return await withCheckedContinuation { continuation in
            MediaThread.start(label: "livekit-resolver") {
                continuation.resume(returning: Self.resolve(host, port))
            }
        }
    }

    private static func resolve(_ host: String, _ port: UInt16) -> [TransportAddress] {
        var found = [lk_address](repeating: lk_address(), count: maximumAddresses)
        let count = unsafe found.withUnsafeMutableBufferPointer { buffer in
            unsafe lk_resolve(host, port, buffer.baseAddress, CInt(buffer.count))
        }
        return found.prefix(Int(count)).map { TransportAddress($0) }
    }
}
