internal import LiveKitCore

/// The URL of a STUN server (RFC 7064) or a TURN server (RFC 7065), as in `RTCIceServer.urls`.
///
/// ```
/// stun:stun.example.com        turn:192.0.2.1:3478?transport=udp        turns:turn.example.com:443?transport=tcp
/// ```
package struct ICEServerURL: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case stun
        case turn(TURNTransport)
    }

    package let kind: Kind
    /// A name or an address, without brackets.
    package let host: String
    package let port: UInt16

    private static let port: UInt16 = 3478
    private static let securePort: UInt16 = 5349

    /// Parses the text; `nil` for one that is none, and for STUN over TLS and TURN over DTLS, which nobody serves.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let scheme = text[..<colon].lowercased()
        let parts = text[text.index(after: colon)...].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let authority = parts.first, let kind = Self.kind(scheme, query: parts.dropFirst().first) else {
            return nil
        }
        let defaultPort = kind == .turn(.tls) ? Self.securePort : Self.port
        guard let (host, port) = Self.split(authority, defaultPort: defaultPort) else { return nil }
        self.kind = kind
        self.host = host
        self.port = port
    }

    private static func kind(_ scheme: String, query: Substring?) -> Kind? {
        switch (scheme, query) {
        case ("stun", nil): .stun
        case ("turn", nil), ("turn", "transport=udp"): .turn(.udp)
        case ("turn", "transport=tcp"): .turn(.tcp)
        case ("turns", nil), ("turns", "transport=tcp"): .turn(.tls)
        default: nil
        }
    }

    /// `host`, `host:port`, `[v6]`, `[v6]:port`; what else RFC 3986 allows in an authority means nothing here.
    private static func split(_ authority: Substring, defaultPort: UInt16) -> (String, UInt16)? {
        var host = authority
        var rest = Substring()
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
            guard host.contains(":"), TransportAddress(host: host, port: 0) != nil else { return nil }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            rest = authority[colon...]
        }
        guard !host.isEmpty, host.utf8.count <= 253, rest.isEmpty || rest.hasPrefix(":"),
            host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !Self.isDelimiter($0) })
        else { return nil }
        guard !rest.isEmpty else { return (String(host), defaultPort) }
        let digits = rest.dropFirst()
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port != 0 else { return nil }
        return (String(host), port)
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "["),
            UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
