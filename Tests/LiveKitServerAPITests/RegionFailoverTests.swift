import LiveKitCore
import LiveKitProtobuf
import Synchronization
import Testing

@testable import LiveKitServerAPI

@Suite("Region failover", .timeLimit(.minutes(1)))
struct RegionFailoverTests {
    private static let path = "/twirp/livekit.RoomService/ListRooms"

    private static func api(_ url: String, _ servers: RegionFailover.Servers = .all) throws -> LiveKitAPI {
        LiveKitAPI(
            try TwirpClient(
                url: url, apiKey: "key", apiSecret: "secret", timeout: .seconds(10),
                failover: RegionFailover(servers: servers, firstPause: .milliseconds(1))))
    }

    private static func regions(_ urls: [String], age: String = "") -> StubServer.Answer {
        let body = #"{"regions":[\#(urls.map { #"{"region":"x","url":"\#($0)"}"# }.joined(separator: ","))]}"#
        return StubServer.Answer(body: body, headers: age.isEmpty ? [:] : ["Cache-Control": age])
    }

    /// A first region that fails as said, and a second one that answers.
    private func fail(
        _ failure: StubServer.Answer, servers: RegionFailover.Servers = .all,
        _ body: (_ first: StubServer, _ second: StubServer, LiveKitAPI) async throws -> Void
    ) async throws {
        try await StubServer.with { second in
            let target = second.url
            try await StubServer.with { asked in
                asked.target == "/settings/regions" ? Self.regions(["not a url", asked.host, target]) : failure
            } _: { first in
                try await body(first, second, Self.api(first.url, servers))
            }
        }
    }

    @Test(
        "What does not come to an answer is repeated elsewhere, with the same message and token",
        arguments: [
            StubServer.Answer(status: 503, body: #"{"code":"unavailable","msg":"x"}"#), .init(status: 500),
            .init(isDropped: true),
        ])
    func repeats(_ failure: StubServer.Answer) async throws {
        try await fail(failure) { first, second, api in
            let rooms = try await api.room.listRooms(names: ["a"])
            #expect(rooms.isEmpty)
            #expect(first.all.map(\.target) == [Self.path, "/settings/regions"])
            #expect(second.all.map(\.target) == [Self.path])
            #expect(second.all.first?.body == first.all.first?.body)
            let tokens = (first.all + second.all).map { $0.headers["authorization"] }
            #expect(Set(tokens).count == 1 && tokens.first != nil)
        }
    }

    @Test("An answer of the 400s is an answer")
    func answers() async throws {
        try await fail(.init(status: 404, body: #"{"code":"not_found","msg":"x"}"#)) { first, second, api in
            let error = await #expect(throws: ServerError.self) { try await api.room.listRooms() }
            #expect(error?.code == .notFound && first.all.count == 1 && second.all.isEmpty)
        }
    }

    @Test("A project that is bound to another region goes there, however little time there is")
    func boundElsewhere() async throws {
        try await fail(.init(status: 451, body: "region pinned")) { first, second, _ in
            let hasty = LiveKitAPI(
                try TwirpClient(
                    url: first.url, apiKey: "key", apiSecret: "secret", timeout: .seconds(4),
                    failover: RegionFailover(servers: .all)))
            _ = try await hasty.room.listRooms()
            #expect(second.all.count == 1)
        }
    }

    @Test("Who is bound elsewhere goes there from any server, and what was remembered of its regions does not count")
    func boundFromAnywhere() async throws {
        let bound = StubServer.Answer(status: 451, body: "region pinned")
        try await StubServer.with { second in
            let target = second.url
            try await StubServer.with { _ in
                bound
            } _: { wrong in
                let targets = [wrong.url, target]
                let count = Mutex(0)
                try await StubServer.with { asked in
                    guard asked.target == "/settings/regions" else { return bound }
                    // Where the project was bound to before, and where it is now.
                    let isFirst = count.withLock { count in
                        count += 1
                        return count == 1
                    }
                    return Self.regions([targets[isFirst ? 0 : 1]], age: "max-age=600")
                } _: { first in
                    let api = try LiveKitAPI(
                        url: first.url, apiKey: "key", apiSecret: "secret", failsOver: false,
                        headers: ["X-Proxy": "yes", "Authorization": "mine"])
                    _ = try await api.room.listRooms()
                    #expect(wrong.all.count == 1 && second.all.count == 1)
                    let all = first.all + wrong.all + second.all
                    #expect(all.count == 5 && all.allSatisfy { $0.headers["x-proxy"] == "yes" })
                    #expect(all.allSatisfy { $0.headers["authorization"]?.hasPrefix("Bearer ") == true })
                }
            }
        }
    }

    @Test("What holds a client shows no secret")
    func secrets() throws {
        let api = try Self.api("http://127.0.0.1:1")
        var dumped = ""
        dump(api, to: &dumped)
        #expect(!"\(api) \(api.room) \(dumped)".contains("secret"))
    }

    @Test("Servers of one's own are called once")
    func ownServers() async throws {
        try await fail(.init(status: 503), servers: .cloud) { first, second, api in
            let error = await #expect(throws: ServerError.self) { try await api.room.listRooms() }
            #expect(error?.status == 503 && first.all.count == 1 && second.all.isEmpty)
        }
        let policy = RegionFailover()
        #expect(policy.concerns(try ServerURL("wss://project.LiveKit.cloud")))
        #expect(!policy.concerns(try ServerURL("wss://livekit.cloud.example.com")))
        #expect(!RegionFailover(servers: .none).concerns(try ServerURL("wss://project.livekit.cloud")))
    }

    @Test("Three calls are made in all, and each region is asked once")
    func gaveUp() async throws {
        try await StubServer.with { _ in
            .init(status: 503)
        } _: { third in
            try await StubServer.with { _ in
                .init(status: 503)
            } _: { second in
                let targets = [second.url, third.url]
                try await StubServer.with { asked in
                    asked.target == "/settings/regions" ? Self.regions(targets) : .init(status: 503)
                } _: { first in
                    let error = await #expect(throws: ServerError.self) {
                        try await Self.api(first.url).room.listRooms()
                    }
                    #expect(error?.status == 503)
                    #expect(first.all.filter { $0.target == Self.path }.count == 1)
                    #expect(second.all.count == 1 && third.all.count == 1)
                }
            }
        }
    }

    @Test("Pauses double, and there are none for those in a hurry")
    func pauses() {
        let policy = RegionFailover()
        let sick = ServerError(.unavailable, message: "", status: 503)
        #expect(policy.pause(after: sick, attempt: 1, timeout: .seconds(5)) == .milliseconds(200))
        #expect(policy.pause(after: sick, attempt: 2, timeout: .seconds(5)) == .milliseconds(400))
        #expect(policy.pause(after: sick, attempt: 3, timeout: .seconds(5)) == nil)
        #expect(policy.pause(after: sick, attempt: 1, timeout: .milliseconds(4999)) == nil)
        let late = ServerError(.deadlineExceeded, message: "")
        #expect(policy.pause(after: late, attempt: 1, timeout: .seconds(10)) == .milliseconds(200))
        let cancelled = ServerError(.canceled, message: "")
        #expect(policy.pause(after: cancelled, attempt: 1, timeout: .seconds(10)) == nil)
    }

    @Test("Regions are remembered as long as the server says, and longer where it says nothing more")
    func remembers() async throws {
        let directory = RegionDirectory()
        let server = try ServerURL("wss://project.livekit.cloud")
        let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
        let body = Array(#"{"regions":[{"url":"wss://a.livekit.cloud"},{"region":"no url"}]}"#.utf8)
        let found = await directory.regions(of: server, now: now) { url in
            #expect(url == "https://project.livekit.cloud/settings/regions")
            return (body, "public, max-age=60")
        }
        #expect(found == ["https://a.livekit.cloud"])
        struct Asked: Error {}
        let known = await directory.regions(of: server, now: now.advanced(bySeconds: 59)) { _ in
            (Array(#"{"regions":[]}"#.utf8), "max-age=60")
        }
        #expect(known == found)
        let stale = await directory.regions(of: server, now: now.advanced(bySeconds: 61)) { _ in throw Asked() }
        #expect(stale == found)
        let fresh = await directory.regions(of: server, now: now.advanced(bySeconds: 61)) { _ in
            (Array(#"{"regions":[]}"#.utf8), "no-store")
        }
        #expect(fresh.isEmpty)
    }

    @Test(
        "Only max-age is heeded",
        arguments: [("max-age=60", 60), ("public, Max-Age = 5", 5), ("s-maxage=9", 0), ("max-age=-1", 0), ("", 0)])
    func maximumAge(_ header: String, _ seconds: Int64) {
        #expect(RegionDirectory.maximumAge(header) == seconds)
    }
}
