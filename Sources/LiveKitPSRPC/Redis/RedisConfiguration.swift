internal import NIOCore

/// Where a Redis server is, and how one is let in.
package struct RedisConfiguration: Equatable, Sendable {
    /// How the server to talk to is found.
    package enum Servers: Equatable, Sendable {
        case single(RedisAddress)
        /// The master that the sentinels know by this name.
        case sentinels([RedisAddress], master: String)
    }

    /// A user's name, where there is one, and password.
    package struct Credentials: Equatable, Sendable {
        package var username: String
        package var password: String

        package init(username: String = "", password: String = "") {
            self.username = username
            self.password = password
        }
    }

    package var servers: Servers
    package var credentials = Credentials()
    package var sentinelCredentials = Credentials()
    package var database = 0
    /// `nil` for a connection in the clear.
    package var tls: RedisTLS?
    package var connectTimeout = Duration.seconds(5)
    /// How long a command may take from its call to its answer, the wait for a connection included.
    package var commandTimeout = Duration.seconds(3)

    package init(_ servers: Servers) { self.servers = servers }
}

/// The host and port of a server.
package struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, `[address]:port`, or `host` alone for Redis' port 6379. `nil` for what is none of these.
    package init?(_ text: String) {
        let colon = text.lastIndex(of: ":")
        let isBare = colon == nil || text.hasSuffix("]")
        let name = isBare ? text[...] : text[..<(colon ?? text.endIndex)]
        guard let port = isBare ? 6379 : colon.flatMap({ UInt16(text[text.index(after: $0)...]) }), port > 0 else {
            return nil
        }
        let host = name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name
        guard !host.isEmpty, name.hasPrefix("[") || !host.contains(":") else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
