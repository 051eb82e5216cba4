import Foundation
import LiveKitCore
import LiveKitPSRPC
import LiveKitProtobuf
import LiveKitTestSupport
import Logging
import SwiftProtobuf
import Testing

/// A program that speaks Go's psrpc over Redis, as a client (`call`) and as a server (`serve`).
private struct Peer {
    /// Where it is, if somebody says so.
    static let program = ProcessInfo.processInfo.environment["PSRPC_PEER"]

    let port: Int

    /// Runs it to its end.
    ///
    /// - Returns: what it printed, an object of JSON in each line.
    func call(_ arguments: String...) async throws -> String {
        let process = process(arguments)
        let file = FileManager.default.temporaryDirectory.appending(path: "psrpc-peer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: file)
        // Nothing blocks: other tests need the thread.
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        for await _ in ends {}
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    func start(_ arguments: String...) throws -> Process {
        let process = process(arguments)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: Self.program ?? "")
        process.arguments = ["-redis", "127.0.0.1:\(port)"] + arguments
        return process
    }

    static func with(_ body: @Sendable (Peer, RPCClient, RPCServer) async throws -> Void) async throws {
        let redis = try RedisServerProcess()
        let configuration = RedisConfiguration(.single(RedisAddress(host: "127.0.0.1", port: redis.port)))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connection = try RedisClient(configuration, logger: logger)
        let bus = try RedisMessageBus(configuration, client: connection, logger: logger)
        defer {
            bus.close()
            connection.close()
        }
        let client = RPCClient(
            services: [RoomRPC.service, SignalRPC.service, RoomManagerRPC.service], streaming: [SignalRPC.service],
            over: bus)
        try await client.start()
        let server = RPCServer(over: bus)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            group.addTask { await server.run() }
            defer { group.cancelAll() }
            try await body(Peer(port: redis.port), client, server)
        }
    }
}

@Suite("psrpc of Go over Redis", .enabled(if: Peer.program != nil), .serialized, .timeLimit(.minutes(1)))
struct PeerTests {
    @Test("Our client calls a server of Go's, and hears its errors")
    func callsGo() async throws {
        try await Peer.with { peer, client, _ in
            let process = try peer.start("-topic", "kitchen", "serve")
            defer { process.terminate() }
            var request = Livekit_ListParticipantsRequest()
            request.room = "kitchen"
            let options = RPCOptions(retries: RPCRetries(attempts: 10, backoff: .zero))
            let answer = try await client.call(
                RoomRPC.listParticipants, topic: RoomRPC.topic("kitchen"), request, options: options)
            #expect(answer.participants.map(\.identity) == ["one"])
            var data = Livekit_SendDataRequest()
            data.room = "kitchen-notfound"
            await #expect(throws: RPCError(.notFound, "egress kitchen-notfound not found")) {
                try await client.call(RoomRPC.sendData, topic: RoomRPC.topic("kitchen"), data)
            }
        }
    }

    @Test("Our client opens a stream to a server of Go's")
    func streamsToGo() async throws {
        try await Peer.with { peer, client, _ in
            let process = try peer.start("-topic", "ND_go", "serve")
            defer { process.terminate() }
            var stream: RPCStream<Rpc_RelaySignalRequest, Rpc_RelaySignalResponse>?
            for _ in 0..<10 where stream == nil {
                stream = try? await client.open(
                    SignalRPC.relaySignal, topic: ["ND_go"], options: RPCOptions(timeout: .milliseconds(500)))
            }
            let open = try #require(stream)
            for number in 0..<5 as Range<UInt64> {
                var request = Rpc_RelaySignalRequest()
                request.seq = number
                request.requests = [Livekit_SignalRequest.with { $0.ping = 7 }]
                try await open.send(request)
                #expect(await open.next(within: .seconds(3))?.seq == number)
            }
            await open.close()
        }
    }

    @Test("A client of Go's calls our server, and hears its errors")
    func calledByGo() async throws {
        try await Peer.with { peer, _, server in
            try await server.register(RoomRPC.sendData, topic: ["my-room 🚀"]) { request throws(RPCError) in
                guard request.room == "my-room 🚀" else { throw RPCError(.notFound, "no such room") }
                return Livekit_SendDataResponse()
            }
            try await Task.sleep(for: .milliseconds(200))
            let good = try await peer.call(
                "-topic", "my-room 🚀", "-msg", #"{"room":"my-room 🚀"}"#, "call", "Room.SendData")
            #expect(good.contains(#""ev":"response""#))
            let bad = try await peer.call("-topic", "my-room 🚀", "-msg", "{}", "call", "Room.SendData")
            #expect(bad.contains(#""code":"not_found","error":"no such room""#))
        }
    }

    @Test("A client of Go's opens a stream to our server")
    func streamedByGo() async throws {
        try await Peer.with { peer, _, server in
            try await server.register(SignalRPC.relaySignal, topic: ["ND_swift"]) { stream in
                for await request in stream.messages {
                    var response = Rpc_RelaySignalResponse()
                    response.seq = request.seq
                    response.responses = [Livekit_SignalResponse.with { $0.pong = 4711 }]
                    try? await stream.send(response)
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            let output = try await peer.call("-topic", "ND_swift", "-count", "3", "call", "Signal.RelaySignal")
            #expect(output.components(separatedBy: #""pong":"4711""#).count == 4)
            #expect(output.contains(#""error":"stream closed""#))
        }
    }
}
