internal import Foundation

/// Where a server's API is: a client's `ws(s)` address, or `http(s)`, as a base for paths.
struct ServerURL: Sendable, Equatable {
    /// Ends without a slash.
    let base: String

    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument``.
    init(_ text: String) throws(ServerError) {
        guard var parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw ServerError(.invalidArgument, message: "\"\(text)\" is not the address of a server")
        }
        switch parts.scheme?.lowercased() {
        case "ws", "http": parts.scheme = "http"
        case "wss", "https": parts.scheme = "https"
        default:
            throw ServerError(.invalidArgument, message: "\"\(text)\" does not start with ws, wss, http or https")
        }
        parts.query = nil
        parts.fragment = nil
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        base = parts.string ?? text
    }
}
