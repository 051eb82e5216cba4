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

    @Test("Who is named by its SID is meant in its next session too; a list that names nobody in an entry is none")
    func allowListsLast() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = room.publish("a", from: alice)
        var request = Livekit_SubscriptionPermission()
        request.trackPermissions = [.init(), .init()]
        request.trackPermissions[0].participantSid = bob.rawValue
        request.trackPermissions[1].participantSid = "PA_nobody"
        for index in 0...1 { request.trackPermissions[index].allTracks = true }
        room.send(.subscriptionPermission(request), from: alice)
        let again = try room.join("bob")
        #expect(room.state.participants[again]?.subscriptions == [track])
        request.trackPermissions = [.init()]
        room.send(.subscriptionPermission(request), from: alice)
        #expect(room.state.participants[again]?.subscriptions == [track])
        let carol = try room.join("carol")
        #expect(room.state.participants[carol]?.subscriptions == [])
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
            if isWanted { room.report(.subscribed(bob, track)) }
        }
        let dave = try room.join("dave")
        room.report(.subscribed(dave, track))
        #expect(told() == [track.rawValue])
    }

    @Test("A hidden subscriber does not give itself away, nor take another's place")
    func hiddenSubscriber() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let monitor = try room.join("monitor") { $0.permission.hidden = true }
        let track = room.publish("a", from: alice)
        func isTold() -> Bool {
            room.signals(to: alice).contains { if case .trackSubscribed = $0 { true } else { false } }
        }
        #expect(room.state.participants[monitor]?.subscriptions == [track])
        room.report(.subscribed(monitor, track))
        #expect(!isTold())
        let bob = try room.join("bob")
        #expect(!isTold(), "nothing flows yet")
        room.report(.subscribed(bob, track))
        #expect(isTold())
    }

    /// What a subscriber was told of its permissions, track by track.
    private static func permissions(_ room: RoomHarness, of sid: ParticipantSID) -> [String] {
        room.signals(to: sid).compactMap { message in
            guard case .subscriptionPermissionUpdate(let update) = message else { return nil }
            return (update.allowed ? "+" : "-") + update.trackSid
        }
    }

    @Test("Whoever asks for what a list keeps from it is told so each time, also if the list was there before it")
    func refusals() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let first = room.publish("a", from: alice).rawValue
        room.send(.subscriptionPermission(Livekit_SubscriptionPermission()), from: alice)
        let second = room.publish("b", from: alice).rawValue
        let bob = try room.join("bob")
        let picky = try room.join("picky") { $0.subscribesAutomatically = false }
        let recorder = try room.join("recorder") { $0.permission.recorder = true }
        #expect(Self.permissions(room, of: bob) == ["-" + first, "-" + second])
        #expect(Self.permissions(room, of: picky).isEmpty && Self.permissions(room, of: recorder).isEmpty)
        room.pass(.seconds(10))
        room.forget()
        for _ in 0..<2 {
            room.send(.subscription(Self.request(true, [TrackSID(rawValue: first)], by: nil)), from: picky)
        }
        #expect(Self.permissions(room, of: picky) == ["-" + first, "-" + first])
        room.forget()
        var everybody = Livekit_SubscriptionPermission()
        everybody.allParticipants = true
        room.send(.subscriptionPermission(everybody), from: alice)
        #expect(Self.permissions(room, of: bob) == ["+" + first, "+" + second])
        #expect(Self.permissions(room, of: picky) == ["+" + first])
        room.forget()
        room.publish("c", from: alice)
        #expect(Self.permissions(room, of: bob).isEmpty, "that it may is what it believes")
    }

    @Test("Data tracks are told of in the same way")
    func refusedDataTracks() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        for sid in [alice, bob] { room.activate(sid) }
        room.send(.subscriptionPermission(Livekit_SubscriptionPermission()), from: alice)
        var publish = Livekit_PublishDataTrackRequest()
        (publish.pubHandle, publish.name) = (1, "sensor")
        room.send(.publishDataTrackRequest(publish), from: alice)
        let track = try #require(room.state.participants[alice]?.dataTracks.first?.info.sid)
        #expect(Self.permissions(room, of: bob).isEmpty)
        var request = Livekit_UpdateDataSubscription()
        request.updates = [.init()]
        request.updates[0].trackSid = track
        request.updates[0].subscribe = true
        for _ in 0..<2 { room.send(.updateDataSubscription(request), from: bob) }
        #expect(Self.permissions(room, of: bob) == ["-" + track, "-" + track])
        var everybody = Livekit_SubscriptionPermission()
        everybody.allParticipants = true
        room.send(.subscriptionPermission(everybody), from: alice)
        #expect(Self.permissions(room, of: bob).last == "+" + track)
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
