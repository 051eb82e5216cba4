internal import LiveKitPSRPC

extension RoomPlacement {
    /// What was found of rooms that run here.
    struct Assertion: Equatable, Sendable {
        /// They were nowhere, and are here again.
        var forgotten: Set<String> = []
        /// They are on another node.
        var elsewhere: Set<String> = []
    }

    /// Names in one command. Redis does nothing else for as long as it looks for them: some tenths of a millisecond.
    private static let namesPerCommand = 500

    /// Says that rooms run here, many at once, as ``assert(_:)-(String)`` says it of one. Entries of other nodes stay.
    func assert(_ rooms: [String]) async throws(RoomPlacementError) -> Assertion {
        var assertion = Assertion()
        var rest = rooms[...]
        while !rest.isEmpty {
            let names = rest.prefix(Self.namesPerCommand)
            rest = rest.dropFirst(names.count)
            for (name, state) in zip(names, try await states(of: names)) {
                switch state {
                case .integer(0): break
                case .integer(1): assertion.forgotten.insert(name)
                default: assertion.elsewhere.insert(name)
                }
            }
        }
        return assertion
    }

    private func states(of names: ArraySlice<String>) async throws(RoomPlacementError) -> [RedisReply] {
        do throws(RedisError) {
            let arguments = ([directory.id] + names).map { Array($0.utf8) }
            let reply = try await client.evaluate(Self.assertion, keys: [RedisKey.roomNodes], arguments)
            guard let states = reply.elements, states.count == names.count else {
                throw .unexpectedReply("for the rooms' nodes")
            }
            return states
        } catch {
            throw .redis(error)
        }
    }

    private static let assertion = """
        local states = {}
        for index = 2, #ARGV do
            local node = redis.call('HGET', KEYS[1], ARGV[index])
            if not node then
                redis.call('HSET', KEYS[1], ARGV[index], ARGV[1])
                states[index - 1] = 1
            elseif node == ARGV[1] then
                states[index - 1] = 0
            else
                states[index - 1] = 2
            end
        end
        return states
        """

    /// Where all rooms are.
    func entries() async throws(RedisError) -> [RoomEntry] {
        try await client.hash(RedisKey.roomNodes).map {
            RoomEntry(room: $0.field, node: String(decoding: $0.value, as: UTF8.self))
        }
    }
}
