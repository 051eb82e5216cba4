internal import LiveKitPSRPC
internal import SwiftProtobuf

// Messages as they stand in Redis, and what is told of Redis' failures.

extension RedisClient {
    /// - Throws: what callers on other nodes can be told, too.
    func answer(_ command: RedisCommand) async throws(RPCError) -> RedisReply {
        do throws(RedisError) {
            return try await send(command)
        } catch {
            throw RPCError(.internal, error.description)
        }
    }
}

extension Message {
    init(stored bytes: [UInt8]) throws(RPCError) {
        do {
            self = try Self(serializedBytes: bytes)
        } catch {
            throw RPCError(.internal, "what is stored is no \(Self.protoMessageName)")
        }
    }

    func stored() throws(RPCError) -> [UInt8] {
        do {
            return try serializedBytes()
        } catch {
            throw RPCError(.internal, "a \(Self.protoMessageName) cannot be stored")
        }
    }
}

extension [RedisReply] {
    /// The messages of those that are there.
    func decoded<Stored: Message>() throws(RPCError) -> [Stored] {
        var messages: [Stored] = []
        for case .bytes(let bytes) in self { messages.append(try Stored(stored: bytes)) }
        return messages
    }
}
