internal import Foundation

/// Where a server's signalling is, from what a user writes as its URL.
struct SignalEndpoint: Hashable, Sendable {
    let host: String
    let port: Int
    let isSecure: Bool
    /// Of the URL, without a slash at the end: servers may live below a path.
    let path: String

    /// The version of the protocol that we speak: error responses and moves are understood.
    static let protocolVersion = 16

    init(_ url: String) throws(LiveKitError) {
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty else {
            throw LiveKitError(.failedToParseURL, message: "\"\(url)\" is no URL such as ws://localhost:7880.")
        }
        switch components.scheme?.lowercased() {
        case "ws", "http": isSecure = false
        case "wss", "https": isSecure = true
        default: throw LiveKitError(.failedToParseURL, message: "\"\(url)\" must begin with ws:// or wss://.")
        }
        // Foundation keeps the brackets of IPv6 addresses.
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        port = components.port ?? (isSecure ? 443 : 80)
        var path = components.path
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// For the `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether the server is on this machine, so that loopback addresses reach it.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// Whether the host is an address, which TLS takes for no server name (RFC 6066 §3).
    var isAddress: Bool { host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } }

    /// The request target of the WebSocket.
    func joinTarget(_ options: ConnectOptions) -> String { "\(path)/rtc?\(query(options))" }

    /// The request target that tells why the other failed.
    func validateTarget(_ options: ConnectOptions) -> String { "\(path)/rtc/validate?\(query(options))" }

    private func query(_ options: ConnectOptions) -> String {
        [
            "auto_subscribe=\(options.autoSubscribe ? 1 : 0)", "protocol=\(Self.protocolVersion)", "sdk=swift",
            "version=0.1.0", "os=linux", "adaptive_stream=0",
        ].joined(separator: "&")
    }
}
