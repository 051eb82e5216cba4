import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Server over sockets: HTTP", .timeLimit(.minutes(1)))
struct HTTPTests {
    @Test("The landing page, unknown paths and preflight requests")
    func plainRoutes() async throws {
        try await TestServer.with { server in
            let root = try await HTTPClient.request(port: server.port, "GET", "/")
            #expect(root.status == 200 && root.body == "OK")
            let unknown = try await HTTPClient.request(port: server.port, "GET", "/no/such")
            #expect(unknown.status == 404)
            #expect(unknown.headers["access-control-allow-origin"] == "*")
            let preflight = try await HTTPClient.request(
                port: server.port, "OPTIONS", "/twirp/livekit.RoomService/ListRooms",
                headers: ["Access-Control-Request-Headers": "authorization,content-type"])
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-headers"] == "authorization,content-type")
            #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
        }
    }

    @Test("Joining is validated before any upgrade, with LiveKit's statuses")
    func validation() async throws {
        try await TestServer.with { server in
            let good = try TestServer.token("alice")
            let joinRequest = "EgA="
            let expired = try AccessToken.expired()
            let cases: [(String?, Int)] = [
                (good, 200), (nil, 401), ("not.a.token", 401), (good + "x", 401), (expired, 401),
                (try TestServer.token("x") { $0.video = nil }, 401),
                (try TestServer.token("x") { $0.video = VideoGrant(room: "r") }, 401),
                (try TestServer.token("x") { $0.name = String(repeating: "n", count: 300) }, 400),
                (try TestServer.token("x", room: String(repeating: "r", count: 300)), 400),
            ]
            for (token, status) in cases {
                let query = token.map { "?access_token=\($0)" } ?? ""
                let validated = try await HTTPClient.request(port: server.port, "GET", "/rtc/validate\(query)")
                #expect(validated.status == status)
                #expect(validated.headers["access-control-allow-origin"] == "*")
                guard status != 200 else { continue }
                let upgrade = try await HTTPClient.request(
                    port: server.port, "GET", "/rtc\(query)",
                    headers: [
                        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
                    ])
                #expect(upgrade.status == status && !upgrade.body.isEmpty)
            }
            let plain = try await HTTPClient.request(port: server.port, "GET", "/rtc?access_token=\(good)")
            #expect(plain.status == 404)
            let header = try await HTTPClient.request(
                port: server.port, "GET", "/rtc/validate", headers: ["Authorization": "Bearer \(good)"])
            #expect(header.status == 200 && header.body == "success")
            let basic = try await HTTPClient.request(
                port: server.port, "GET", "/rtc/validate", headers: ["Authorization": "Basic \(good)"])
            #expect(basic.status == 401)
            let v1 = try await HTTPClient.request(port: server.port, "GET", "/rtc/v1?access_token=\(good)")
            #expect(v1.status == 404)
            for (request, status) in [("", 400), ("&join_request=!!!", 400), ("&join_request=\(joinRequest)", 200)] {
                let validated = try await HTTPClient.request(
                    port: server.port, "GET", "/rtc/v1/validate?access_token=\(good)\(request)")
                #expect(validated.status == status)
            }
        }
    }

    @Test("Rooms are only made by joining when that is allowed")
    func autoCreate() async throws {
        try await TestServer.with {
            $0.room.isCreatedAutomatically = false
        } _: { server in
            let token = try TestServer.token("alice")
            let target = "/rtc/validate?access_token=\(token)"
            #expect(try await HTTPClient.request(port: server.port, "GET", target).status == 404)
            #expect(try await server.call("CreateRoom", #"{"name":"room"}"#).status == 200)
            #expect(try await HTTPClient.request(port: server.port, "GET", target).status == 200)
        }
    }

    @Test("A room is of the kind that its token names, and what the token states besides comes first")
    func presets() async throws {
        try await TestServer.with {
            $0.room.presets["meeting"] = LiveKitServerConfiguration.RoomPreset()
            $0.room.presets["meeting"]?.maximumParticipants = 7
            $0.room.presets["meeting"]?.metadata = "agenda"
            $0.room.presets["meeting"]?.agents = [.init(), .init()]
            $0.room.presets["meeting"]?.agents[0].agentName = "helper"
            $0.room.presets["meeting"]?.agents[1].agentName = "scribe"
        } _: { server in
            let token = try TestServer.token("alice") {
                $0.roomPreset = "meeting"
                $0.roomConfiguration = Livekit_RoomConfiguration()
                $0.roomConfiguration?.metadata = "own"
            }
            let alice = try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)")
            let room = try await alice.join().room
            #expect(room.maxParticipants == 7 && room.metadata == "own" && room.departureTimeout == 20)
            let unknown = try TestServer.token("bob", room: "other") { $0.roomPreset = "party" }
            let upgrade = try await HTTPClient.request(
                port: server.port, "GET", "/rtc?access_token=\(unknown)",
                headers: [
                    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
                ])
            #expect(upgrade.status == 400)
            let created = try await server.call("CreateRoom", #"{"name":"third","room_preset":"meeting"}"#)
            #expect(created.status == 200 && created.body.contains("agenda"))
            #expect(try await server.agents(of: "third") == ["helper", "scribe"])
            let own = #"{"name":"fourth","room_preset":"meeting","agents":[{"agent_name":"own"}]}"#
            #expect(try await server.call("CreateRoom", own).status == 200)
            #expect(try await server.agents(of: "fourth") == ["own"])
        }
    }

    @Test("Whoever may create rooms makes one by joining all the same")
    func autoCreateByGrant() async throws {
        try await TestServer.with {
            $0.room.isCreatedAutomatically = false
        } _: { server in
            let token = try TestServer.token("alice") { $0.video?.roomCreate = true }
            let target = "/rtc/validate?access_token=\(token)"
            #expect(try await HTTPClient.request(port: server.port, "GET", target).status == 200)
            let alice = try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)")
            #expect(try await alice.join().room.name == "room")
        }
    }

    @Test("A token that shows its holder credentials of a stream is taken, and warned of")
    func credentials() async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) { server in
            let token = try TestServer.token("alice") {
                $0.allowsStorageCredentials = true
                $0.roomConfiguration = .with {
                    $0.egress.room.streamOutputs = [.with { $0.urls = ["rtmp://example.com/live/hidden"] }]
                }
            }
            let alice = try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)")
            _ = try await alice.join()
        }
        #expect(log.text.contains("a token holds credentials") && !log.text.contains("hidden"))
    }

    @Test("What else a room asks for in vain is logged with its names")
    func unserved() async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) { server in
            let request = #"{"name":"synced","min_playout_delay":100,"sync_streams":true,"tags":{"a":"b"}}"#
            #expect(try await server.call("CreateRoom", request).status == 200)
            let token = try TestServer.token("alice", room: "delayed") {
                $0.roomConfiguration = Livekit_RoomConfiguration()
                $0.roomConfiguration?.maxPlayoutDelay = 200
            }
            let alice = try await SignalClient.connect(port: server.port, path: "/rtc?access_token=\(token)")
            _ = try await alice.join()
        }
        let warnings = log.text.split(separator: "\n").filter { $0.contains("does not serve yet") }
        #expect(warnings.count == 2)
        #expect(warnings.contains { $0.contains("synced") && $0.contains("min_playout_delay") && $0.contains("tags") })
        #expect(warnings.contains { $0.contains("delayed") && $0.contains("max_playout_delay") })
    }

    @Test("A client's address is told by the proxies before the server, else by its connection")
    func addresses() async throws {
        let log = CapturedLog()
        try await TestServer.with(logger: log.logger) { server in
            let cases: [([String: String], String)] = [
                ([:], "127.0.0.1"), (["X-Real-IP": "192.0.2.3"], "192.0.2.3"),
                (["X-Real-IP": "192.0.2.3", "X-Forwarded-For": "192.0.2.2, 10.0.0.1"], "192.0.2.2"),
                (["X-Forwarded-For": "192.0.2.2", "CF-Connecting-IP": "2001:db8::1"], "2001:db8::1"),
                (["CF-Connecting-IP": "no address", "X-Real-IP": "192.0.2.4"], "192.0.2.4"),
            ]
            for (index, (headers, _)) in cases.enumerated() {
                let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
                let upgrade =
                    "GET /rtc?access_token=\(try TestServer.token("guest\(index)")) HTTP/1.1\r\nHost: a\r\n\(fields)"
                    + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
                _ = try await RawConnection.exchange(
                    port: server.port, [Array(upgrade.utf8), RawFrame.close(1000)], pause: .milliseconds(50),
                    limit: .seconds(4))
            }
            for (index, (_, address)) in cases.enumerated() {
                let line = try await eventually {
                    log.text.split(separator: "\n").first {
                        $0.contains("client connected") && $0.contains("guest\(index)")
                    }
                }
                #expect(line.contains(address), "\(line)")
            }
        }
    }

    @Test("Twirp calls: names, errors and routes")
    func twirp() async throws {
        try await TestServer.with { server in
            #expect(try await server.call("ListRooms", "{}").body == #"{"rooms":[]}"#)
            let created = try await server.call("CreateRoom", #"{"name":"room","emptyTimeout":30,"unknown":1}"#)
            #expect(created.status == 200 && created.headers["content-type"] == "application/json")
            #expect(created.body.contains(#""empty_timeout":30"#) && created.body.contains(#""sid":"RM_"#))
            let listed = try await server.call("ListRooms", "{}")
            #expect(listed.body.contains(#""name":"room""#))
            let expectations: [(String, String, Int, String)] = [
                ("ListRooms", "{not json", 400, "malformed"), ("ListRooms", #"{"names":{"a":1}}"#, 400, "malformed"),
                ("NoSuchMethod", "{}", 404, "bad_route"), ("DeleteRoom", #"{"room":"none"}"#, 404, "not_found"),
                ("UpdateRoomMetadata", #"{"room":"other"}"#, 401, "unauthenticated"),
                ("GetParticipant", #"{"room":"room","identity":"x"}"#, 404, "not_found"),
            ]
            for (method, body, status, code) in expectations {
                let answer = try await server.call(method, body)
                #expect(answer.status == status && answer.body.contains(#""code":"\#(code)""#), "\(method): \(answer)")
            }
            let joinToken = try TestServer.token("x")
            let join = try await server.call("ListRooms", "{}", token: joinToken)
            #expect(join.status == 401)
            let forged = try await server.call("ListRooms", "{}", token: "a.b.c")
            #expect(forged.status == 401 && forged.body.contains("unauthenticated"))
            let get = try await HTTPClient.request(port: server.port, "GET", "/twirp/livekit.RoomService/ListRooms")
            #expect(get.status == 404 && get.body.contains("bad_route"))
            let connector = try await HTTPClient.request(
                port: server.port, "POST", "/twirp/livekit.Connector/DialWhatsAppCall",
                headers: ["Content-Type": "application/json"],
                body: "{}")
            #expect(connector.status == 501)
        }
    }

    @Test("A body over the limit is refused")
    func bodyLimit() async throws {
        try await TestServer.with {
            $0.limits.requestBodyBytes = 1000
        } _: { server in
            let body = #"{"name":""# + String(repeating: "x", count: 2000) + #""}"#
            let answer = try await server.call("CreateRoom", body)
            #expect(answer.status == 413)
        }
    }
}

extension AccessToken {
    fileprivate static func expired() throws -> String {
        var token = AccessToken(apiKey: TestServer.key, apiSecret: TestServer.secret, identity: "late")
        token.video = VideoGrant(room: "room", roomJoin: true)
        return try token.jwt(now: TestServer.now().advanced(bySeconds: -24 * 3600))
    }
}
