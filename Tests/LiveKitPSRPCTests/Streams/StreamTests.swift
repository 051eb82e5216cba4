import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Synchronization
import Testing

@Suite("Streams over a message bus")
struct StreamTests {
    @Test("Messages go both ways, in order, and closing ends both sides", arguments: [false, true])
    func goesBothWays(claims: Bool) async throws {
        let method = claims ? TestRPC.claimedStream : TestRPC.stream
        try await withNodes { client, servers, _ in
            let ends = AsyncStream.makeStream(of: RPCError?.self, bufferingPolicy: .bufferingOldest(1))
            try await servers[0].register(method, topic: ["node"]) { stream in
                for await message in stream.messages {
                    try? await stream.send(Rpc_KeepalivePing(-message.timestamp), timeout: .seconds(60))
                }
                ends.continuation.yield(await stream.closure)
            }
            let stream = try await client.open(method, topic: ["node"], options: .patient)
            var replies = stream.messages.makeAsyncIterator()
            for number in 1...20 as ClosedRange<Int64> {
                try await stream.send(Rpc_KeepalivePing(number), timeout: .seconds(60))
                #expect(await replies.next()?.timestamp == -number)
            }
            await stream.close()
            var iterator = ends.stream.makeAsyncIterator()
            #expect(await iterator.next() == .streamClosed)
            #expect(await replies.next() == nil)
            await #expect(throws: RPCError.streamClosed) { try await stream.send(Rpc_KeepalivePing(1)) }
        }
    }

    @Test("A server that is done closes the stream")
    func serverCloses() async throws {
        try await withNodes { client, servers, _ in
            try await servers[0].register(TestRPC.stream) { stream in
                try? await stream.send(Rpc_KeepalivePing(7), timeout: .seconds(60))
            }
            let stream = try await client.open(TestRPC.stream, options: .patient)
            #expect(await stream.messages.reduce(into: []) { $0.append($1.timestamp) } == [7])
            #expect(await stream.closure == .streamClosed)
        }
    }

    @Test("Streams of a topic that is given up end")
    func serverEnds() async throws {
        try await withNodes { client, servers, _ in
            try await servers[0].register(TestRPC.stream) { stream in for await _ in stream.messages {} }
            let stream = try await client.open(TestRPC.stream, options: .patient)
            await servers[0].deregister(TestRPC.stream)
            for await _ in stream.messages {}
            #expect(await stream.closure == .streamEnded)
        }
    }

    @Test("A stream that is given up before it is accepted is not accepted")
    func givesUpEarly() async throws {
        try await withNodes { client, servers, bus in
            let accepted = Counter()
            try await servers[0].register(TestRPC.claimedStream) { stream in
                _ = await accepted.next()
                for await _ in stream.messages {}
            }
            // Bids come, and nobody is chosen before the stream is closed.
            let bids = try await bus.subscribe(to: "Test|early|CLAIM", sharing: .everyone, capacity: 1)
            var envelope = PSRPCStream()
            (envelope.streamID, envelope.requestID, envelope.expiry) = ("STR_early", "REQ_early", .max)
            envelope.open.nodeID = "early"
            try await bus.publish(Envelope.seal(envelope), on: "Test|ClaimedStream|STR")
            for await _ in bids.messages { break }
            envelope.close = PSRPCStreamClose()
            try await bus.publish(Envelope.seal(envelope), on: "Test|ClaimedStream|STR")
            // Read after it, from the same channel; and the choice before that for the second one.
            let first = try await client.open(TestRPC.claimedStream, options: .patient)
            var choice = PSRPCClaimResponse()
            (choice.requestID, choice.serverID) = ("REQ_early", servers[0].id)
            try await bus.publish(Envelope.seal(choice), on: "Test|ClaimedStream|RCLAIM")
            let second = try await client.open(TestRPC.claimedStream, options: .patient)
            for stream in [first, second] { try await stream.send(Rpc_KeepalivePing(7), timeout: .seconds(60)) }
            #expect(await accepted.next() == 3)
            for stream in [first, second] { await stream.close() }
        }
    }

    @Test("Without a server the opening times out")
    func nobody() async throws {
        try await withNodes { client, _, _ in
            await #expect(throws: RPCError.requestTimedOut) {
                try await client.open(TestRPC.stream, options: RPCOptions(timeout: .milliseconds(20)))
            }
        }
    }

    @Test("A message that nobody acknowledges times out, and the stream lives on")
    func unacknowledged() async throws {
        let bus = LossyBus()
        try await withNodes(over: bus) { client, servers, _ in
            try await servers[0].register(TestRPC.stream) { stream in for await _ in stream.messages {} }
            let stream = try await client.open(TestRPC.stream, options: .patient)
            bus.losesEverything.store(true, ordering: .relaxed)
            await #expect(throws: RPCError.requestTimedOut) {
                try await stream.send(Rpc_KeepalivePing(1), timeout: .milliseconds(20))
            }
            bus.losesEverything.store(false, ordering: .relaxed)
            try await stream.send(Rpc_KeepalivePing(2), timeout: .seconds(60))
        }
    }

    @Test("A reader that is behind does not acknowledge, and hears the message when it is sent again")
    func slowReader() async throws {
        try await withNodes { client, servers, _ in
            let gate = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
            let sums = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingOldest(1))
            try await servers[0].register(TestRPC.stream) { stream in
                for await _ in gate.stream { break }
                sums.continuation.yield(await stream.messages.reduce(0) { $0 + $1.timestamp })
            }
            let stream = try await client.open(TestRPC.stream, options: .patient)
            for _ in 0..<1000 { try await stream.send(Rpc_KeepalivePing(1), timeout: .seconds(60)) }
            await #expect(throws: RPCError.requestTimedOut) {
                try await stream.send(Rpc_KeepalivePing(1), timeout: .milliseconds(20))
            }
            gate.continuation.yield()
            var isTaken = false
            while !isTaken {
                isTaken = (try? await stream.send(Rpc_KeepalivePing(1), timeout: .milliseconds(20))) != nil
            }
            await stream.close()
            var iterator = sums.stream.makeAsyncIterator()
            // More when an acknowledgement was late.
            #expect(await iterator.next() ?? 0 >= 1001)
        }
    }
}
