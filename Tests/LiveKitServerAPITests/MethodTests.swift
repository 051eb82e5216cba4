import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerAPI

@Suite("What the clients of the server API send", .timeLimit(.minutes(1)))
struct MethodTests {
    @Test(
        "Each method goes to its path with its message, and a token that grants what it needs alone",
        arguments: MethodCase.all)
    func method(_ method: MethodCase) async throws {
        try await StubServer.with { stub in
            try await method.call(LiveKitAPI(url: stub.url, apiKey: "key", apiSecret: "secret"))
            let asked = try #require(stub.all.first)
            #expect(stub.all.count == 1 && asked.method == "POST" && asked.target == "/twirp/livekit.\(method.path)")
            #expect(asked.headers["content-type"] == "application/protobuf")
            #expect(asked.headers["user-agent"]?.hasPrefix("swift-livekit/") == true)
            #expect(try method.isTold(asked.body))
            let claims = try asked.claims()
            #expect(claims.video == method.video && claims.sip == method.sip)
            #expect(claims.agent == nil && claims.inference == nil && claims.observability == nil)
            #expect(claims.issuer == "key" && claims.identity.isEmpty && claims.roomConfiguration == nil)
            let life = claims.expiresAt.secondsSinceEpoch - WallClock.now.secondsSinceEpoch
            #expect((590...600).contains(life))
        }
    }

    @Test("Every method of LiveKit's five services has a case")
    func complete() {
        let paths = Set(MethodCase.all.map(\.path))
        func count(_ service: String) -> Int { paths.count { $0.hasPrefix(service + "/") } }
        #expect(count("RoomService") == 14 && count("AgentDispatchService") == 3)
        #expect(count("Egress") == 10 && count("Ingress") == 4)
        // ListSIPTrunk is deprecated.
        #expect(count("SIP") == 15)
    }

    @Test(
        "A response timeout is told to the millisecond",
        arguments: [
            (.milliseconds(1500), 1500), (.milliseconds(250), 250), (.nanoseconds(1), 1), (.seconds(15), 15_000),
            (.zero, 0), (.seconds(-1), 0), (.seconds(5_000_000), .max),
        ] as [(Duration, UInt32)])
    func responseTimeout(_ timeout: Duration, _ milliseconds: UInt32) async throws {
        try await StubServer.with { stub in
            let api = try LiveKitAPI(url: stub.url, apiKey: "key", apiSecret: "secret", timeout: .seconds(10))
            _ = try await api.room.performRPC(
                room: "r", destinationIdentity: "i", method: "m", responseTimeout: timeout)
            let asked = try #require(stub.all.first)
            #expect(try Livekit_PerformRpcRequest(serializedBytes: asked.body).responseTimeoutMs == milliseconds)
        }
    }

    @Test("A base URL's path stands before the services'")
    func basePath() async throws {
        try await StubServer.with { stub in
            _ = try await LiveKitAPI(url: stub.url + "/base/", apiKey: "key", apiSecret: "secret").room.listRooms()
            #expect(stub.all.map(\.target) == ["/base/twirp/livekit.RoomService/ListRooms"])
        }
    }
}
