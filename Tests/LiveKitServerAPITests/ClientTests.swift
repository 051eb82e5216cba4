import LiveKitClient
import Testing

@testable import LiveKitServerAPI

@Suite("The server API against a running server", .timeLimit(.minutes(1)))
struct ClientTests {
    @Test("Rooms are made, listed, changed and ended")
    func rooms() async throws {
        try await RunningServer.with { server in
            let made = try await server.api.room.createRoom("kitchen") {
                $0.emptyTimeout = 61
                $0.metadata = "first"
            }
            #expect(made.sid.hasPrefix("RM_") && made.emptyTimeout == 61)
            try await server.api.room.createRoom("garden")
            #expect(try await server.api.room.listRooms().map(\.name).sorted() == ["garden", "kitchen"])
            #expect(try await server.api.room.listRooms(names: ["kitchen", "no such"]).map(\.sid) == [made.sid])
            let changed = try await server.api.room.updateRoomMetadata(room: "kitchen", metadata: "second")
            #expect(changed.metadata == "second")
            try await server.api.room.deleteRoom("kitchen")
            #expect(try await server.api.room.listRooms().map(\.name) == ["garden"])
        }
    }

    @Test("Participants are seen, changed, written to and taken out")
    func participants() async throws {
        try await RunningServer.with { server in
            let api = server.api.room
            let alice = try await server.join("alice", room: "kitchen")
            let events = alice.events
            let listed = try await api.listParticipants(room: "kitchen")
            #expect(listed.map(\.identity) == ["alice"])
            let changed = try await api.updateParticipant(room: "kitchen", identity: "alice") {
                $0.name = "Alice"
                $0.attributes = ["role": "cook"]
            }
            #expect(changed.name == "Alice" && changed.attributes == ["role": "cook"])
            #expect(try await api.getParticipant(room: "kitchen", identity: "alice").name == "Alice")
            try await api.sendData([1, 2, 3], room: "kitchen", destinationIdentities: ["alice"], topic: "soup")
            for await event in events {
                guard case .dataReceived(let data, let topic, _) = event else { continue }
                #expect(Array(data) == [1, 2, 3] && topic == "soup")
                break
            }
            try await api.removeParticipant(room: "kitchen", identity: "alice")
            #expect(try await api.listParticipants(room: "kitchen").isEmpty)
        }
    }

    @Test("Agents are asked into rooms, and taken back")
    func dispatches() async throws {
        try await RunningServer.with { server in
            let made = try await server.api.agentDispatch.createDispatch(
                room: "kitchen", agentName: "cook", metadata: "soup")
            #expect(made.id.hasPrefix("AD_") && made.metadata == "soup")
            let listed = try await server.api.agentDispatch.listDispatch(room: "kitchen")
            #expect(listed.filter { !$0.agentName.isEmpty }.map(\.id) == [made.id])
            #expect(try await server.api.agentDispatch.getDispatch("AD_none", room: "kitchen") == nil)
            try await server.api.agentDispatch.deleteDispatch(made.id, room: "kitchen")
            #expect(try await server.api.agentDispatch.getDispatch(made.id, room: "kitchen") == nil)
        }
    }

    @Test("Errors have the server's codes and statuses, and those of what lies between")
    func errors() async throws {
        try await RunningServer.with { server in
            let missing = await #expect(throws: ServerError.self) {
                try await server.api.room.getParticipant(room: "none", identity: "x")
            }
            #expect(missing?.code == .notFound && missing?.status == 404 && missing?.message.isEmpty == false)
            let absent = await #expect(throws: ServerError.self) { try await server.api.egress.listEgress() }
            #expect(absent?.code.rawValue == "internal" && absent?.message == "egress not connected (redis required)")
            let stranger = try LiveKitAPI(url: server.url, apiKey: "devkey", apiSecret: "wrong")
            let refused = await #expect(throws: ServerError.self) { try await stranger.room.listRooms() }
            #expect(refused?.code == .unauthenticated && refused?.status == 401)
            let hasty = try LiveKitAPI(url: server.url, apiKey: "devkey", apiSecret: "secret", timeout: .zero)
            let late = await #expect(throws: ServerError.self) { try await hasty.room.listRooms() }
            #expect(late?.code == .deadlineExceeded)
        }
        let nobody = try LiveKitAPI(url: "ws://127.0.0.1:1", apiKey: "k", apiSecret: "s")
        let unreachable = await #expect(throws: ServerError.self) { try await nobody.room.listRooms() }
        #expect(unreachable?.code == .unavailable && unreachable?.status == nil)
    }

    @Test(
        "Addresses are those of clients or of browsers",
        arguments: [
            ("ws://host:7880", "http://host:7880"), ("wss://host/", "https://host"),
            ("https://host/base/?x=1#y", "https://host/base"), ("HTTP://host", "http://host"),
        ])
    func addresses(_ given: String, _ base: String) throws {
        #expect(try ServerURL(given).base == base)
    }

    @Test("What is no address is refused", arguments: ["", "host", "ftp://host", "ws://", "http:///path"])
    func noAddresses(_ given: String) {
        #expect(throws: ServerError(.invalidArgument, message: "")) { try ServerURL(given) }
    }

    @Test("An answer that is not twirp's is told by its status")
    func proxies() {
        let error = ServerError(status: 502, body: Array("<html>Bad gateway</html>".utf8))
        #expect(error.code == .unavailable && error.status == 502 && error.message.contains("Bad gateway"))
        let busy = ServerError(
            status: 500,
            body: Array(
                #"{"code":"unknown","msg":"busy","meta":{"sip_status_code":"486","sip_status":"Busy Here"}}"#.utf8))
        let call = SipCallError(busy)
        #expect(call?.sipStatusCode == 486 && call?.sipStatus == "Busy Here")
        #expect(call?.description == "SIP call failed: 486 Busy Here (unknown)" && SipCallError(error) == nil)
    }
}
