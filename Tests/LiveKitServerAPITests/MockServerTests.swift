import LiveKitCore
import LiveKitProtobuf
import LiveKitTestSupport
import Testing

@testable import LiveKitServerAPI

@Suite(
    "The server API against LiveKit's mock server",
    .enabled(if: MockServerProcess.program != nil, "LIVEKIT_TEST_SERVER does not say where the program is"),
    .timeLimit(.minutes(1)))
struct MockServerTests {
    private let server: MockServerProcess

    init() throws {
        server = try MockServerProcess(regions: 4)
    }

    /// What the mock is to do; see its README.
    private func api(
        _ mock: String = "", _ servers: RegionFailover.Servers = .all, secret: String = MockServerProcess.secret,
        timeout: Duration = .seconds(10)
    ) throws -> LiveKitAPI {
        LiveKitAPI(
            try TwirpClient(
                url: "http://127.0.0.1:\(server.ports[0])", apiKey: "key", apiSecret: secret, timeout: timeout,
                failover: RegionFailover(servers: servers, firstPause: .milliseconds(1)),
                headers: mock.isEmpty ? [:] : ["X-Lk-Mock": mock]))
    }

    private func error(_ mock: String, _ servers: RegionFailover.Servers = .all) async throws -> ServerError? {
        let api = try api(mock, servers)
        return await #expect(throws: ServerError.self) { try await api.room.listRooms() }
    }

    @Test("Each method's token grants what livekit-server asks for", arguments: MethodCase.all)
    func grants(_ method: MethodCase) async throws {
        try await method.call(api(#"{"delayMs":0}"#))
    }

    @Test("A secret that the server does not know is refused")
    func unknownSecret() async throws {
        let api = try api(secret: "another")
        let error = await #expect(throws: ServerError.self) { try await api.room.listRooms() }
        #expect(error?.code == .unauthenticated && error?.status == 401)
    }

    @Test("What the server answers arrives whole")
    func answers() async throws {
        let room = try await api(#"{"response":{"sid":"RM_x","name":"my-room"}}"#).room.createRoom("other")
        #expect(room.sid == "RM_x" && room.name == "my-room")
        #expect(try await api().room.createRoom("echo") { $0.metadata = "m" }.metadata == "m")
    }

    @Test(
        "A region that does not answer is passed over, and a second one",
        arguments: [
            #"{"failRegions":[0]}"#, #"{"failRegions":[0,1]}"#, #"{"failRegions":[0],"failStatus":500}"#,
            #"{"failRegions":[0,1],"failMode":"drop"}"#,
        ])
    func failsOver(_ mock: String) async throws {
        #expect(try await api(mock).room.listRooms().count == 1)
    }

    @Test("Three regions that fail are enough; so is one where there are no others, or nobody tells of them")
    func givesUp() async throws {
        #expect(try await error(#"{"failRegions":[0,1,2]}"#)?.status == 503)
        #expect(try await error(#"{"failRegions":[0]}"#, .cloud)?.code == .unavailable)
        #expect(try await error(#"{"failRegions":[0],"regionsStatus":500}"#)?.status == 503)
        let dropped = try await error(#"{"failRegions":[0],"failMode":"drop"}"#, .none)
        #expect(dropped?.code == .unavailable && dropped?.status == nil)
    }

    @Test("An answer of the 400s is final, and read by its code")
    func refuses() async throws {
        #expect(try await error(#"{"failRegions":[0],"failStatus":400}"#)?.status == 400)
        let known = try await error(#"{"failRegions":[0],"failStatus":404,"failTwirpCode":"not_found"}"#)
        #expect(known?.code == .notFound)
    }

    @Test("A server that takes too long is given up")
    func slow() async throws {
        let api = try api(#"{"delayMs":30000}"#, timeout: .seconds(1))
        let error = await #expect(throws: ServerError.self) { try await api.room.listRooms() }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("A project that is bound to another region is served there, by whatever client", arguments: [true, false])
    func bound(_ failsOver: Bool) async throws {
        let servers = failsOver ? RegionFailover.Servers.all : .none
        #expect(try await api(#"{"pinnedRegions":["region-2"]}"#, servers).room.listRooms().count == 1)
        #expect(try await error(#"{"pinnedRegions":["region-99"]}"#, servers)?.status == 451)
    }

    @Test("A call to a telephone that fails says so in SIP's words")
    func busy() async throws {
        var request = Livekit_CreateSIPParticipantRequest()
        request.waitUntilAnswered = true
        for (code, phrase) in [(486, "Busy Here"), (603, "")] {
            let api = try api(#"{"sipStatus":{"code":\#(code),"status":"\#(phrase)"},"delayMs":0}"#)
            let error = await #expect(throws: ServerError.self) { try await api.sip.createParticipant(request) }
            #expect(error.flatMap { SipCallError($0) }?.sipStatusCode == code)
        }
    }

    @Test("Who waits for somebody to pick up waits longer than for an answer")
    func rings() async throws {
        var request = Livekit_CreateSIPParticipantRequest()
        request.waitUntilAnswered = true
        let info = try await api(timeout: .seconds(5)).sip.createParticipant(request)
        #expect(!info.participantID.isEmpty)
    }
}
