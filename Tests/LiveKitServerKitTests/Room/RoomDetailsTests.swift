import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: names, metadata and attributes")
struct RoomDetailsTests {
    private func update(_ change: (inout Livekit_UpdateParticipantMetadata) -> Void)
        -> Livekit_UpdateParticipantMetadata
    {
        var request = Livekit_UpdateParticipantMetadata()
        request.requestID = 7
        change(&request)
        return request
    }

    @Test("Without the grant, own details stay as they are")
    func needsTheGrant() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.metadata = "original" }
        room.forget()
        room.send(.updateMetadata(update { $0.metadata = "forged" }), from: bob)
        #expect(room.requestResponse(to: bob)?.reason == .notAllowed)
        #expect(room.requestResponse(to: bob)?.requestID == 7)
        #expect(room.updates(to: alice).isEmpty)
    }

    @Test("Changes reach everybody, and an empty attribute is taken away")
    func changesAreTold() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") {
            $0.permission.canUpdateMetadata = true
            $0.attributes = ["keep": "1", "gone": "2"]
        }
        room.send(
            .updateMetadata(
                update {
                    $0.name = "Robert"
                    $0.attributes = ["gone": "", "new": "3"]
                }), from: bob)
        let told = try #require(room.updates(to: alice).last)
        #expect(told.name == "Robert" && told.attributes == ["keep": "1", "new": "3"])
        #expect(room.updates(to: bob).last?.name == "Robert")
        #expect(room.requestResponse(to: bob)?.reason == .ok)
    }

    @Test("Clients before protocol 15 are not told of success")
    func oldClientsHearRefusalsOnly() throws {
        var room = RoomHarness()
        let bob = try room.join("bob") {
            $0.permission.canUpdateMetadata = true
            $0.client.protocol = 14
        }
        room.send(.updateMetadata(update { $0.metadata = "m" }), from: bob)
        #expect(room.requestResponse(to: bob) == nil)
    }

    @Test("What is too long is refused")
    func limits() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.metadataBytes = 10
        limits.attributesBytes = 10
        var room = RoomHarness(limits: limits)
        let bob = try room.join("bob") { $0.permission.canUpdateMetadata = true }
        for request in [
            update { $0.metadata = "12345678901" }, update { $0.attributes = ["key": "12345678"] },
            update { $0.name = String(repeating: "n", count: 257) },
        ] {
            room.forget()
            room.send(.updateMetadata(request), from: bob)
            #expect(room.requestResponse(to: bob)?.reason == .limitExceeded)
        }
        #expect(throws: DetailsRefusal.metadataTooLong) {
            try room.change { try $0.updateRoomMetadata("12345678901", now: $1) }
        }
    }
}
