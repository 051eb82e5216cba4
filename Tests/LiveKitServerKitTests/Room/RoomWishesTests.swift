import Foundation
import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: who is sent what, in all the ways in which it can be said")
struct RoomWishesTests {
    private static func request(_ isWanted: Bool, _ tracks: [TrackSID], by sid: ParticipantSID?)
        -> Livekit_UpdateSubscription
    {
        var request = Livekit_UpdateSubscription()
        request.subscribe = isWanted
        guard let sid else {
            request.trackSids = tracks.map(\.rawValue)
            return request
        }
        var grouped = Livekit_ParticipantTracks()
        grouped.participantSid = sid.rawValue
        grouped.trackSids = tracks.map(\.rawValue)
        request.participantTracks = [grouped]
        return request
    }

    @Test("Tracks are named alone or with their participant", arguments: [false, true])
    func grouped(_ isGrouped: Bool) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let tracks = [room.publish("a", from: alice), room.publish("b", from: alice)]
        room.send(.subscription(Self.request(false, tracks, by: isGrouped ? alice : nil)), from: bob)
        #expect(room.state.participants[bob]?.subscriptions == [])
        room.send(.subscription(Self.request(true, [tracks[1]], by: isGrouped ? alice : nil)), from: bob)
        #expect(room.state.participants[bob]?.subscriptions == [tracks[1]])
    }

    @Test("An allow-list names participants by SID or identity, and all tracks or some", arguments: [false, true])
    func allowLists(_ bySID: Bool) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let carol = try room.join("carol")
        let tracks = [room.publish("a", from: alice), room.publish("b", from: alice)]
        func permission(_ sid: ParticipantSID, _ identity: String) -> Livekit_TrackPermission {
            var permission = Livekit_TrackPermission()
            if bySID { permission.participantSid = sid.rawValue } else { permission.participantIdentity = identity }
            return permission
        }
        var all = permission(bob, "bob")
        all.allTracks = true
        var some = permission(carol, "carol")
        some.trackSids = [tracks[0].rawValue]
        var request = Livekit_SubscriptionPermission()
        request.trackPermissions = [all, some]
        room.send(.subscriptionPermission(request), from: alice)
        #expect(room.state.participants[bob]?.subscriptions == Set(tracks))
        #expect(room.state.participants[carol]?.subscriptions == [tracks[0]])
    }

    @Test("An unsubscription lets a waiting track in")
    func freedByUnsubscribing() throws {
        var limits = LiveKitServerConfiguration.Limits()
        limits.audioSubscriptions = 1
        var room = RoomHarness(limits: limits)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let tracks = [room.publish("a", from: alice), room.publish("b", from: alice)]
        room.send(.subscription(Self.request(false, [tracks[0]], by: nil)), from: bob)
        #expect(room.state.participants[bob]?.subscriptions == [tracks[1]])
    }

    @Test("The publisher is told of its first subscriber, once and for all")
    func subscribedOnce() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.subscribesAutomatically = false }
        try room.join("carol") { $0.subscribesAutomatically = false }
        let track = room.publish("a", from: alice)
        func told() -> [String] {
            room.signals(to: alice).compactMap {
                if case .trackSubscribed(let told) = $0 { told.trackSid } else { nil }
            }
        }
        #expect(told() == [])
        for isWanted in [true, false, true] {
            room.send(.subscription(Self.request(isWanted, [track], by: nil)), from: bob)
        }
        try room.join("dave")
        #expect(told() == [track.rawValue])
    }

    @Test("The answer to a join says which server it is")
    func serverInfo() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        guard case .join(let join) = room.signals(to: alice).first else {
            Issue.record("no join")
            return
        }
        #expect(join.serverInfo.edition == .standard && join.serverInfo.protocol == 17)
        #expect(
            join.serverInfo.version == LiveKitServer.compatibleVersion && join.serverVersion == join.serverInfo.version)
        #expect(join.serverInfo.region == "here" && join.serverRegion == "here" && join.serverInfo.nodeID == "ND_test")
        #expect(join.serverInfo.agentProtocol == 1 && join.pingInterval == 5 && join.pingTimeout == 15)
        #expect(join.sifTrailer == Data(room.state.serverFrameTrailer) && join.sifTrailer.count == 16)
        let other = RoomHarness(seed: 2)
        #expect(other.state.serverFrameTrailer != room.state.serverFrameTrailer)
    }

    @Test("Every kind of participant, and its details, stand in what others are told")
    func kinds() throws {
        for kind in Livekit_ParticipantInfo.Kind.allCases {
            var room = RoomHarness()
            let alice = try room.join("alice")
            let other = try room.join("other") {
                $0.kind = kind
                $0.kindDetails = Livekit_ParticipantInfo.KindDetail.allCases
            }
            room.pass(.seconds(4))
            let info = try #require(room.updates(to: alice).last { $0.sid == other.rawValue })
            #expect(info.kind == kind && info.kindDetails == Livekit_ParticipantInfo.KindDetail.allCases)
        }
    }

    private static let contents: [@Sendable (inout Livekit_DataPacket) -> Void] = [
        { $0.streamHeader.streamID = "s" }, { $0.streamChunk.chunkIndex = 3 }, { $0.streamTrailer.reason = "done" },
        { $0.chatMessage.message = "hello" }, { $0.sipDtmf.digit = "#" }, { $0.encryptedPacket.keyIndex = 5 },
        { $0.rpcRequest.method = "greet" }, { $0.rpcAck.requestID = "r" }, { $0.rpcResponse.payload = "hi" },
    ]

    @Test("Every kind of message passes from one participant to another as it is", arguments: contents.indices)
    func messages(_ index: Int) throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let carol = try room.join("carol")
        for sid in [alice, bob, carol] { room.activate(sid) }
        var packet = Livekit_DataPacket()
        Self.contents[index](&packet)
        packet.destinationIdentities = ["bob"]
        room.report(.data(alice, .reliable, try packet.serializedBytes()))
        let sent = try #require(room.sentData.first)
        #expect(room.sentData.count == 1 && sent.receivers == [bob])
        #expect(sent.packet.value == packet.value)
        #expect(sent.packet.participantIdentity == "alice" && sent.packet.participantSid == alice.rawValue)
    }

    @Test("The codecs that are negotiated are those of the room without those that the client has disabled")
    func codecs() throws {
        var room = RoomHarness { room in
            room.enabledCodecs = ["video/VP8", "video/VP9", "video/AV1", "audio/opus", "video/rtx"].map { mime in
                var codec = Livekit_Codec()
                codec.mime = mime
                return codec
            }
        }
        try room.join("chrome") { $0.client.browser = "chrome" }
        try room.join("safari") {
            $0.client.browser = "safari"
            $0.client.browserVersion = "18.4"
        }
        let options = room.media.compactMap { if case .addParticipant(_, let options) = $0 { options } else { nil } }
        #expect(options.map(\.publishCodecs) == [["vp8", "vp9", "av1", "opus"], ["vp8", "opus"]])
        #expect(
            options.map(\.subscribeCodecs) == [["vp8", "vp9", "av1", "opus", "rtx"], ["vp8", "vp9", "opus", "rtx"]])
    }

    @Test(
        "SCTP goes without checksums for SDKs that are known to cope",
        arguments: [
            (.unknown, "9.9.9", false), (.go, "2.3.9", false), (.go, "2.4.0", true), (.js, "1.0.0", true),
            (.rust, "", true),
        ] as [(Livekit_ClientInfo.SDK, String, Bool)])
    func zeroChecksum(_ sdk: Livekit_ClientInfo.SDK, _ version: String, _ isAccepted: Bool) {
        var client = Livekit_ClientInfo()
        client.sdk = sdk
        client.version = version
        #expect(client.acceptsZeroChecksum == isAccepted)
    }
}
