/// The commands that a node needs.
extension RedisClient {
    /// - Throws: ``RedisError`` when the server cannot be reached, or does not let us in.
    package func ping() async throws(RedisError) {
        _ = try await send(RedisCommand("PING"))
    }

    /// The server's clock, as the time since 1970.
    package func time() async throws(RedisError) -> Duration {
        let parts = try await send(RedisCommand("TIME")).list("TIME").compactMap { $0.text.flatMap { Int64($0) } }
        guard parts.count == 2 else { throw .unexpectedReply("for TIME") }
        return .seconds(parts[0]) + .microseconds(parts[1])
    }

    package func get(_ key: String) async throws(RedisError) -> [UInt8]? {
        try await send(RedisCommand("GET", key)).value("GET")
    }

    /// Sets a key that does not exist, for so long.
    ///
    /// - Returns: whether it did not exist.
    package func setIfAbsent(_ key: String, _ value: [UInt8], seconds: Int) async throws(RedisError) -> Bool {
        try await send(.setIfAbsent(key, value, seconds: seconds)) != .null
    }

    /// - Returns: how many of the keys existed.
    @discardableResult
    package func delete(_ keys: String...) async throws(RedisError) -> Int {
        try await send(RedisCommand("DEL", keys.map { Array($0.utf8) })).count("DEL")
    }

    package func hashValue(of field: String, in key: String) async throws(RedisError) -> [UInt8]? {
        try await send(RedisCommand("HGET", key, field)).value("HGET")
    }

    /// The values of several fields, in their order.
    package func hashValues(of fields: [String], in key: String) async throws(RedisError) -> [[UInt8]?] {
        guard !fields.isEmpty else { return [] }
        let command = RedisCommand("HMGET", ([key] + fields).map { Array($0.utf8) })
        var values: [[UInt8]?] = []
        for reply in try await send(command).list("HMGET") { values.append(try reply.value("HMGET")) }
        return values
    }

    package func hashValues(in key: String) async throws(RedisError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for reply in try await send(RedisCommand("HVALS", key)).list("HVALS") {
            if let value = try reply.value("HVALS") { values.append(value) }
        }
        return values
    }

    /// All fields with their values.
    package func hash(_ key: String) async throws(RedisError) -> [(field: String, value: [UInt8])] {
        let replies = try await send(RedisCommand("HGETALL", key)).list("HGETALL")
        var entries: [(field: String, value: [UInt8])] = []
        for index in stride(from: 0, to: replies.count - 1, by: 2) {
            guard let field = replies[index].text, let value = try replies[index + 1].value("HGETALL") else { continue }
            entries.append((field, value))
        }
        return entries
    }

    package func setHashValue(_ value: [UInt8], of field: String, in key: String) async throws(RedisError) {
        _ = try await send(.setHashValue(value, of: field, in: key)).count("HSET")
    }

    /// - Returns: whether the field did not exist, and has the value now.
    package func setHashValueIfAbsent(
        _ value: [UInt8], of field: String, in key: String
    ) async throws(RedisError) -> Bool {
        try await send(RedisCommand("HSETNX", [Array(key.utf8), Array(field.utf8), value])).count("HSETNX") == 1
    }

    /// - Returns: how many of the fields existed.
    @discardableResult
    package func deleteHashValues(of fields: [String], in key: String) async throws(RedisError) -> Int {
        guard !fields.isEmpty else { return 0 }
        return try await send(.deleteHashValues(of: fields, in: key)).count("HDEL")
    }

    /// Runs a script (Lua) that no other command comes between.
    package func evaluate(
        _ script: String, keys: [String], _ arguments: [[UInt8]]
    ) async throws(RedisError) -> RedisReply {
        let head = ([script, String(keys.count)] + keys).map { Array($0.utf8) }
        return try await send(RedisCommand("EVAL", head + arguments))
    }

    /// - Returns: how many subscribers the server handed it to.
    @discardableResult
    package func publish(_ message: [UInt8], on channel: String) async throws(RedisError) -> Int {
        try await send(RedisCommand("PUBLISH", [Array(channel.utf8), message])).count("PUBLISH")
    }
}

extension RedisCommand {
    /// Sets a field of a hash.
    package static func setHashValue(_ value: [UInt8], of field: String, in key: String) -> RedisCommand {
        RedisCommand("HSET", [Array(key.utf8), Array(field.utf8), value])
    }

    /// Removes fields of a hash.
    package static func deleteHashValues(of fields: [String], in key: String) -> RedisCommand {
        RedisCommand("HDEL", ([key] + fields).map { Array($0.utf8) })
    }

    static func setIfAbsent(_ key: String, _ value: [UInt8], seconds: Int) -> RedisCommand {
        RedisCommand("SET", [Array(key.utf8), value] + ["EX", String(seconds), "NX"].map { Array($0.utf8) })
    }
}
