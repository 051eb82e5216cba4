import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import Synchronization
import Testing

@Suite("Calls over a message bus")
struct CallTests {
    @Test("A call is answered by one server, with a claim or without")
    func answers() async throws {
        try await withNodes(servers: 2) { client, servers, _ in
            for server in servers {
                try await server.register(TestRPC.queue, topic: ["t"]) { Rpc_KeepalivePing($0.timestamp + 1) }
                try await server.register(TestRPC.direct) { Rpc_KeepalivePing($0.timestamp + 2) }
            }
            #expect(
                try await client.call(TestRPC.queue, topic: ["t"], Rpc_KeepalivePing(1), options: .patient).timestamp
                    == 2)
            #expect(try await client.call(TestRPC.direct, Rpc_KeepalivePing(1), options: .patient).timestamp == 3)
            let handled = servers.map { $0.counters.handled.load(ordering: .relaxed) }
            #expect(handled.reduce(0, +) == 2)
        }
    }

    @Test("A server's error arrives with its code and text")
    func fails() async throws {
        try await withNodes { client, servers, _ in
            try await servers[0].register(TestRPC.queue) { _ throws(RPCError) in throw RPCError(.notFound, "no room") }
            await #expect(throws: RPCError(.notFound, "no room")) {
                try await client.call(TestRPC.queue, Rpc_KeepalivePing(1), options: .patient)
            }
        }
    }

    @Test("With affinity the server that likes the request most gets it; one that does not want it never")
    func prefers() async throws {
        try await withNodes(servers: 3) { client, servers, _ in
            for (server, affinity) in zip(servers, [0.2, 0.9, -1] as [Float]) {
                let own = Int64(server.id.suffix(1)) ?? 0
                try await server.register(TestRPC.affinity, affinity: { _ in affinity }) { _ in Rpc_KeepalivePing(own) }
            }
            let selection = RPCSelection(maximumAffinity: 0.9, affinityTimeout: .seconds(60))
            for _ in 0..<3 {
                let answer = try await client.call(
                    TestRPC.affinity, Rpc_KeepalivePing(0),
                    options: RPCOptions(timeout: .seconds(60), selection: selection))
                #expect(answer.timestamp == 1)
            }
        }
    }

    @Test("Nobody serves: the call fails as unavailable, as often as it may be tried")
    func nobody() async throws {
        try await withNodes { client, _, _ in
            let selection = RPCSelection(acceptsFirst: true, affinityTimeout: .milliseconds(20))
            await #expect(throws: RPCError.noResponse) {
                try await client.call(
                    TestRPC.queue, Rpc_KeepalivePing(0),
                    options: RPCOptions(selection: selection, retries: RPCRetries(attempts: 3, backoff: .zero)))
            }
            await #expect(throws: RPCError.requestTimedOut) {
                try await client.call(
                    TestRPC.direct, Rpc_KeepalivePing(0), options: RPCOptions(timeout: .milliseconds(20)))
            }
        }
    }

    @Test("A request that nobody took is tried again")
    func retries() async throws {
        try await withNodes { client, servers, _ in
            let counter = Counter()
            // Nobody bids until the third time.
            try await servers[0].register(TestRPC.affinity) { _ in
                await counter.next() >= 3 ? 1 : -1
            } handler: { _ in
                Rpc_KeepalivePing(3)
            }
            let selection = RPCSelection(affinityTimeout: .milliseconds(20), shortCircuitTimeout: .milliseconds(1))
            let answer = try await client.call(
                TestRPC.affinity, Rpc_KeepalivePing(0),
                options: RPCOptions(
                    timeout: .seconds(60), selection: selection, retries: RPCRetries(attempts: 1000, backoff: .zero)))
            #expect(answer.timestamp == 3)
        }
    }

    @Test(
        "A request that a server took is not tried again, even if its answer reads as if nobody had",
        arguments: [RPCError(.unavailable, "not now"), .noResponse])
    func doesNothingTwice(_ failure: RPCError) async throws {
        try await withNodes { client, servers, _ in
            try await servers[0].register(TestRPC.queue) { _ throws(RPCError) in throw failure }
            var options = RPCOptions.patient
            options.retries = .standard
            let error = await #expect(throws: RPCError.self) {
                try await client.call(TestRPC.queue, Rpc_KeepalivePing(0), options: options)
            }
            #expect(error?.message == failure.message && error?.isUnclaimed == false)
            #expect(servers[0].counters.handled.load(ordering: .relaxed) == 1)
        }
    }

    @Test("What nobody waits for any more is cancelled")
    func cancelsTheLate() async throws {
        // However late the request comes, it has all of its time.
        let clock = RPCClock(now: RPCClock.system.now, unixNanoseconds: { 0 })
        try await withNodes(clock: clock) { client, servers, _ in
            let ends = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
            try await servers[0].register(TestRPC.direct) { request in
                try? await Task.sleep(for: .seconds(600))
                ends.continuation.yield()
                return request
            }
            await #expect(throws: RPCError.requestTimedOut) {
                try await client.call(
                    TestRPC.direct, Rpc_KeepalivePing(0), options: RPCOptions(timeout: .milliseconds(200)))
            }
            for await _ in ends.stream { break }
        }
    }

    @Test("All servers answer a call to all")
    func multi() async throws {
        try await withNodes(servers: 3) { client, servers, _ in
            for server in servers {
                let own = Int64(server.id.suffix(1)) ?? 0
                try await server.register(TestRPC.multi) { _ throws(RPCError) in
                    if own == 2 { throw RPCError(.internal, "broken") }
                    return Rpc_KeepalivePing(own)
                }
            }
            let answers = try await client.callAll(TestRPC.multi, Rpc_KeepalivePing(0), options: .patient) {
                $0.count == 3
            }
            #expect(Set(answers.compactMap { try? $0.get().timestamp }) == [0, 1])
            #expect(answers.contains(.failure(RPCError(.internal, "broken"))))
            let late = try await client.callAll(
                TestRPC.multi, topic: ["none"], Rpc_KeepalivePing(0), options: RPCOptions(timeout: .milliseconds(10)))
            #expect(late.isEmpty)
        }
    }

    @Test("What is told reaches all who subscribed, until they cancel")
    func subscriptions() async throws {
        let bus = LocalMessageBus()
        try await withNodes(over: bus) { client, servers, _ in
            let first = try await client.subscribe(to: TestRPC.news, topic: ["t"])
            let second = try await client.subscribe(to: TestRPC.news, topic: ["t"])
            try await servers[0].publish(Rpc_KeepalivePing(5), to: TestRPC.news, topic: ["t"])
            for subscription in [first, second] {
                var iterator = subscription.messages.makeAsyncIterator()
                #expect(await iterator.next()?.timestamp == 5)
                subscription.cancel()
            }
            #expect(!bus.channels.contains("Test|News|t|REQ"))
        }
    }

    @Test("A request whose time is over when it arrives is not worked on")
    func expired() async throws {
        try await withNodes { client, servers, bus in
            try await servers[0].register(TestRPC.direct) { $0 }
            var request = PSRPCRequest()
            request.requestID = "late"
            request.expiry = RPCClock.system.unixNanoseconds() - 1
            try await bus.publish(Envelope.seal(request), on: "Test|Direct|REQ")
            _ = try await client.call(TestRPC.direct, Rpc_KeepalivePing(1), options: .patient)
            #expect(servers[0].counters.expired.load(ordering: .relaxed) == 1)
            #expect(servers[0].counters.handled.load(ordering: .relaxed) == 1)
        }
    }

    @Test("A topic is served once, and no more once it was given up")
    func deregisters() async throws {
        let bus = LocalMessageBus()
        try await withNodes(over: bus) { client, servers, _ in
            try await servers[0].register(TestRPC.direct) { $0 }
            await #expect(throws: RPCError(.alreadyExists, "handler already exists")) {
                try await servers[0].register(TestRPC.direct) { $0 }
            }
            _ = try await client.call(TestRPC.direct, Rpc_KeepalivePing(1), options: .patient)
            await servers[0].deregister(TestRPC.direct)
            #expect(!bus.channels.contains("Test|Direct|REQ"))
            try await servers[0].register(TestRPC.direct) { $0 }
            _ = try await client.call(TestRPC.direct, Rpc_KeepalivePing(1), options: .patient)
        }
    }

    @Test("A topic that is given up and taken again while it is being subscribed to is served once")
    func registersAgainMeanwhile() async throws {
        let bus = HeldBus()
        try await withNodes(over: bus) { client, servers, _ in
            bus.isHeld.store(true, ordering: .relaxed)
            let server = servers[0]
            let first = Task { try await server.register(TestRPC.direct) { _ in Rpc_KeepalivePing(1) } }
            while bus.waiting.load(ordering: .relaxed) < 1 { await Task.yield() }
            await server.deregister(TestRPC.direct)
            let second = Task { try await server.register(TestRPC.direct) { _ in Rpc_KeepalivePing(2) } }
            while bus.waiting.load(ordering: .relaxed) < 2 { await Task.yield() }
            bus.isHeld.store(false, ordering: .relaxed)
            await #expect(throws: RPCError.self) { try await first.value }
            try await second.value
            for _ in 0..<4 {
                let answer = try await client.call(TestRPC.direct, Rpc_KeepalivePing(0), options: .patient)
                #expect(answer.timestamp == 2)
            }
        }
    }

    @Test("A call fails as canceled when its client ends")
    func clientEnds() async throws {
        let bus = LocalMessageBus()
        let client = RPCClient(services: [TestRPC.service], over: bus)
        try await client.start()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            group.cancelAll()
        }
        await #expect(throws: RPCError(.canceled, "client is closed")) {
            try await client.call(TestRPC.direct, Rpc_KeepalivePing(1))
        }
        #expect(bus.channels.isEmpty)
    }

    @Test("Garbage on every channel is counted, and calls go on")
    func survivesGarbage() async throws {
        try await withNodes { client, servers, bus in
            try await servers[0].register(TestRPC.queue) { $0 }
            try await servers[0].register(TestRPC.stream) { stream in for await _ in stream.messages {} }
            let channels = [
                "Test|Queue|REQ", "Test|Queue|RCLAIM", "Test|Stream|STR", "Test|\(client.id)|RES",
                "Test|\(client.id)|CLAIM", "Test|\(client.id)|STR",
            ]
            var request = PSRPCRequest()
            request.requestID = "x"
            request.clientID = client.id
            request.expiry = .max
            request.rawRequest = Data([0x08])
            let seed = try Envelope.seal(request)
            var random = DeterministicRandom(seed: 9)
            for channel in channels {
                for _ in 0..<200 {
                    var bytes = seed
                    bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                    try await bus.publish(bytes, on: channel)
                }
                try await bus.publish(Array(repeating: 0xFF, count: 64), on: channel)
            }
            #expect(try await client.call(TestRPC.queue, Rpc_KeepalivePing(4), options: .patient).timestamp == 4)
            #expect(client.counters.malformed.load(ordering: .relaxed) > 0)
            #expect(servers[0].counters.malformed.load(ordering: .relaxed) > 0)
        }
    }

    @Test("A request that cannot be parsed is answered as malformed")
    func malformedRequest() async throws {
        try await withNodes { client, servers, bus in
            try await servers[0].register(TestRPC.direct) { $0 }
            let answers = try await bus.subscribe(to: "Test|someone|RES", sharing: .everyone, capacity: 1)
            var request = PSRPCRequest()
            request.clientID = "someone"
            request.expiry = .max
            request.rawRequest = Data([0x08])
            try await bus.publish(Envelope.seal(request), on: "Test|Direct|REQ")
            var iterator = answers.messages.makeAsyncIterator()
            let answer = try #require(Envelope.open(await iterator.next() ?? [], as: PSRPCResponse.self))
            #expect(answer.code == "malformed_request")
        }
    }
}

actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
