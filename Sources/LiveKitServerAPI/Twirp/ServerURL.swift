internal import Foundation

/// Where a server's API is: a client's `ws(s)` address, or `http(s)`, as a base for paths.
struct ServerURL: Sendable, Equatable {
    /// Scheme, host and port, in small letters.
    let origin: String
    /// What stands before every path; empty, or without a slash at its end.
    let path: String
    let host: String

    var base: String { origin + path }

    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument``.
    init(_ text: String) throws(ServerError) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw ServerError(.invalidArgument, message: "\"\(text)\" is not the address of a server")
        }
        let scheme: String
        switch parts.scheme?.lowercased() {
        case "ws", "http": scheme = "http"
        case "wss", "https": scheme = "https"
        default:
            throw ServerError(.invalidArgument, message: "\"\(text)\" does not start with ws, wss, http or https")
        }
        var origin = URLComponents()
        origin.scheme = scheme
        origin.host = host.lowercased()
        origin.port = parts.port
        self.host = host.lowercased()
        self.origin = origin.string ?? "\(scheme)://\(host)"
        var path = parts.percentEncodedPath[...]
        while path.hasSuffix("/") { path.removeLast() }
        self.path = String(path)
    }
}
