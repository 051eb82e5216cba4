import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitClient

/// What LiveKit's mock of a server does to clients, and what they make of it. Where the stock clients would come back by
/// themselves (after a lost connection, or a `leave` that says so), ours ends the session with an error, and its program
/// connects again.
@Suite(
    "The client against LiveKit's mock server",
    .enabled(if: MockServerProcess.program != nil, "LIVEKIT_TEST_SERVER does not say where the program is"),
    .serialized, .timeLimit(.minutes(2)))
struct MockServerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var signal: String
        var leaveAction: String?
        var error: LiveKitErrorType

        var testDescription: String { [signal, leaveAction ?? ""].joined(separator: " ") }

        /// Who cannot join.
        static let refused = [
            Case(signal: "validate_500", error: .network),
            Case(signal: "validate_service_not_found", error: .serviceNotFound),
            Case(signal: "room_not_found", error: .validation),
            Case(signal: "no_first_message", error: .timedOut),
            Case(signal: "close_before_join", error: .network),
            Case(signal: "leave_first_message", error: .serverShutdown),
            Case(signal: "leave_first_message", leaveAction: "RECONNECT", error: .serverShutdown),
        ]
        /// Who joins, and is not let alone until a media connection stands, of which the mock has none.
        static let ended = [
            Case(signal: "no_pong", error: .serverPingTimedOut),
            Case(signal: "close_when_connected", error: .network),
            Case(signal: "drop_when_connected", error: .network),
            Case(signal: "leave_when_connected", error: .serverShutdown),
            Case(signal: "leave_when_connected", leaveAction: "RESUME", error: .serverShutdown),
            Case(signal: "leave_when_connected", leaveAction: "RECONNECT", error: .serverShutdown),
        ]
        /// Who joins, and is answered pings until it gives up to wait for the media connection.
        static let happy = [
            Case(signal: "happy", error: .timedOut), Case(signal: "leave_during_reconnect", error: .timedOut),
            Case(signal: "drop_on_close", error: .timedOut), Case(signal: "unheard_of", error: .timedOut),
        ]
    }

    private let server: MockServerProcess

    init() throws {
        server = try MockServerProcess()
    }

    private func token(_ signal: String, leaveAction: String? = nil, secret: String = MockServerProcess.secret) throws
        -> String
    {
        var token = AccessToken(apiKey: "key", apiSecret: secret, identity: "ann")
        token.video = VideoGrant(room: "room", roomJoin: true)
        var control = ["signal": signal]
        control["leaveAction"] = leaveAction
        token.attributes["lk.mock"] = String(decoding: try JSONEncoder().encode(control), as: UTF8.self)
        return try token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }

    private func connect(_ room: Room, token: String) async throws {
        let options = ConnectOptions(
            socketConnectTimeoutInterval: .seconds(3), primaryTransportConnectTimeout: .seconds(8),
            publisherTransportConnectTimeout: .seconds(8))
        try await room.connect(url: "ws://127.0.0.1:\(server.ports[0])", token: token, connectOptions: options)
    }

    private func failure(_ room: Room, _ token: String) async -> LiveKitErrorType? {
        await #expect(throws: LiveKitError.self) { try await connect(room, token: token) }?.type
    }

    @Test("Who cannot join is told why, and may try again", arguments: Case.refused)
    func refused(_ expected: Case) async throws {
        let room = Room()
        for _ in 0..<2 {
            let type = await failure(room, try token(expected.signal, leaveAction: expected.leaveAction))
            #expect(type == expected.error)
            #expect(room.sid == nil && room.connectionState == .disconnected)
            #expect(room.disconnectError?.type == expected.error)
        }
    }

    @Test("A token that the server does not believe permits nothing")
    func badToken() async throws {
        #expect(await failure(Room(), try token("happy", secret: "another")) == .insufficientPermissions)
        #expect(await failure(Room(), "nonsense") == .insufficientPermissions)
    }

    @Test("A session that the server ends, or that is lost, ends with its error at once", arguments: Case.ended)
    func ended(_ expected: Case) async throws {
        let room = Room()
        let type = await failure(room, try token(expected.signal, leaveAction: expected.leaveAction))
        #expect(type == expected.error)
        #expect(room.sid?.stringValue == "RM_MOCK" && room.connectionState == .disconnected)
    }

    @Test("A server that is well is joined and answers pings", arguments: Case.happy)
    func happy(_ expected: Case) async throws {
        let room = Room()
        let start = ContinuousClock.now
        #expect(await failure(room, try token(expected.signal)) == expected.error)
        #expect(ContinuousClock.now - start > .seconds(4), "longer than pings may stay unanswered")
        #expect(room.name == "room" && room.serverRegion == "region-0" && room.serverVersion == "mock")
        #expect(room.localParticipant.identity?.stringValue == "ann")
    }

    @Test(
        "Leaving ends at once, whether the server closes the connection or drops it",
        arguments: ["happy", "drop_on_close"])
    func leaves(_ signal: String) async throws {
        let room = Room()
        let token = try token(signal)
        async let type = failure(room, token)
        while room.sid == nil { try await Task.sleep(for: .milliseconds(10)) }
        await room.disconnect()
        #expect(await type == .cancelled && room.connectionState == .disconnected)
    }
}
