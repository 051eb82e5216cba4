/// What is said on a new connection before anything else.
struct RedisHandshake: Sendable {
    let commands: [RedisCommand]

    /// To a server that is to do commands. Who was sent by a sentinel makes sure that it is the master: the sentinel's
    /// word may be older than a failover.
    init(_ credentials: RedisConfiguration.Credentials, database: Int, isMasterExpected: Bool) {
        var commands = Self.authentication(credentials)
        if database != 0 { commands.append(RedisCommand("SELECT", String(database))) }
        commands.append(isMasterExpected ? RedisCommand("ROLE") : RedisCommand("PING"))
        self.commands = commands
    }

    private static func authentication(_ credentials: RedisConfiguration.Credentials) -> [RedisCommand] {
        guard !credentials.password.isEmpty else { return [] }
        let name = credentials.username.isEmpty ? [] : [credentials.username]
        return [RedisCommand("AUTH", (name + [credentials.password]).map { Array($0.utf8) })]
    }

    /// To a sentinel, with the question for the address of its master.
    init(sentinel credentials: RedisConfiguration.Credentials, master: String) {
        commands = Self.authentication(credentials) + [RedisCommand("SENTINEL", "get-master-addr-by-name", master)]
    }

    /// Whether the last answer is what it must be.
    static func check(_ reply: RedisReply) throws(RedisError) {
        switch reply {
        case .status: return
        case .error(let words): throw .refused(words)
        case .array(let elements) where elements.first?.text == "master": return
        case .array(let elements):
            throw .unreachable("the server is a \(elements.first?.text ?? "unknown"), not the master")
        default: throw .unexpectedReply("for the handshake")
        }
    }

    /// Where the master is, by a sentinel's answer.
    static func masterAddress(_ reply: RedisReply) throws(RedisError) -> RedisAddress {
        switch reply {
        case .error(let words): throw .refused(words)
        case .null: throw .unreachable("the sentinel knows no master of that name")
        case .array(let parts):
            guard parts.count == 2, let host = parts[0].text, let port = parts[1].text.flatMap({ UInt16($0) })
            else { throw .unexpectedReply("for the master's address") }
            return RedisAddress(host: host, port: Int(port))
        default: throw .unexpectedReply("for the master's address")
        }
    }
}
