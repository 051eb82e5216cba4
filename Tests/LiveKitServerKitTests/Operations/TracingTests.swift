import InMemoryTracing
import LiveKitProtobuf
import Testing
import Tracing

@testable import LiveKitServerKit

@Suite("Server over sockets: traces", .timeLimit(.minutes(1)))
struct TracingTests {
    /// The process has one tracer, which hears of all tests' servers: each test has a room of its own.
    private static let tracer: InMemoryTracer = {
        let tracer = InMemoryTracer(recordInjections: false, recordExtractions: false)
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }()

    private static let parent = [
        InMemoryTracer.traceIDKey: "the-trace", InMemoryTracer.spanIDKey: "the-client's-span",
    ]

    private func spans(_ room: String, named name: String) -> [FinishedInMemorySpan] {
        Self.tracer.finishedSpans.filter {
            $0.operationName == name && $0.attributes.get("livekit.room") == .string(room)
        }
    }

    private func span(_ room: String, named name: String) async throws -> FinishedInMemorySpan {
        for _ in 0..<500 where spans(room, named: name).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        return try #require(spans(room, named: name).first)
    }

    @Test("A join and the requests that follow it belong to the trace that the client's header names")
    func signalling() async throws {
        _ = Self.tracer
        try await TestServer.with { server in
            let token = try TestServer.token("alice", room: "traced")
            let alice = try await SignalClient.connect(
                port: server.port, path: "/rtc?protocol=16&access_token=\(token)", headers: Self.parent)
            let participant = try await alice.join().participant.sid
            let join = try await span("traced", named: "livekit.join")
            #expect(join.spanContext.traceID == "the-trace" && join.spanContext.parentSpanID == "the-client's-span")
            #expect(join.kind == .server && join.errors.isEmpty)
            #expect(join.attributes.get("http.route") == .string("/rtc"))
            #expect(join.attributes.get("livekit.participant.identity") == .string("alice"))
            #expect(join.attributes.get("livekit.participant.id") == .string(participant))

            var mute = Livekit_MuteTrackRequest()
            mute.sid = "TR_none"
            try alice.send(.mute(mute))
            let request = try await span("traced", named: "livekit.signal")
            #expect(request.spanContext.traceID == "the-trace")
            #expect(request.spanContext.parentSpanID == join.spanContext.spanID)
            #expect(request.attributes.get("livekit.signal.message") == .string("mute"))
            #expect(request.attributes.get("livekit.participant.id") == .string(participant))
            #expect(request.attributes.get("livekit.track.id") == .string("TR_none"))
        }
    }

    @Test("A join that is refused says why")
    func refused() async throws {
        _ = Self.tracer
        try await TestServer.with {
            $0.room.isCreatedAutomatically = false
        } _: { server in
            await #expect(throws: SignalClient.Refused.self) { try await server.signal("alice", room: "absent") }
            let join = try await span("absent", named: "livekit.join")
            #expect(join.attributes.get("http.response.status_code") == .int64(404) && join.errors.count == 1)
            #expect(join.spanContext.parentSpanID == nil)
        }
    }

    @Test("A request of the API says what it is about, and goes on with its client's trace")
    func api() async throws {
        _ = Self.tracer
        try await TestServer.with { server in
            var headers = Self.parent
            headers["Authorization"] = "Bearer \(try TestServer.apiToken(room: "muted"))"
            headers["Content-Type"] = "application/json"
            let answer = try await HTTPClient.request(
                port: server.port, "POST", "/twirp/livekit.RoomService/MutePublishedTrack", headers: headers,
                body: #"{"room":"muted","identity":"alice","trackSid":"TR_1","muted":true}"#)
            let call = try await span("muted", named: "livekit.api")
            #expect(call.spanContext.traceID == "the-trace" && call.spanContext.parentSpanID == "the-client's-span")
            #expect(call.attributes.get("rpc.service") == .string("RoomService"))
            #expect(call.attributes.get("rpc.method") == .string("MutePublishedTrack"))
            #expect(call.attributes.get("livekit.participant.identity") == .string("alice"))
            #expect(call.attributes.get("livekit.track.id") == .string("TR_1"))
            #expect(call.attributes.get("http.response.status_code") == .int64(Int64(answer.status)))
        }
    }
}
