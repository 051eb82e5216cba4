import Foundation
import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Room: data tracks")
struct RoomDataTrackTests {
    private static func request(_ handle: UInt32, _ name: String) -> Livekit_PublishDataTrackRequest {
        var request = Livekit_PublishDataTrackRequest()
        request.pubHandle = handle
        request.name = name
        return request
    }

    private static func publish(
        _ room: inout RoomHarness, _ handle: UInt32, _ name: String, from sid: ParticipantSID
    ) throws -> TrackSID {
        room.send(.publishDataTrackRequest(request(handle, name)), from: sid)
        for case .publishDataTrackResponse(let response) in room.signals(to: sid).reversed() {
            return TrackSID(rawValue: response.info.sid)
        }
        throw JoinRefusal.invalid("not published")
    }

    private static func want(
        _ room: inout RoomHarness, _ track: TrackSID, _ isWanted: Bool, rate: UInt32? = nil, from sid: ParticipantSID
    ) {
        var update = Livekit_UpdateDataSubscription.Update()
        update.trackSid = track.rawValue
        update.subscribe = isWanted
        if let rate { update.options.targetFps = rate }
        var request = Livekit_UpdateDataSubscription()
        request.updates = [update]
        room.send(.updateDataSubscription(request), from: sid)
    }

    private static func handles(_ room: RoomHarness, of sid: ParticipantSID) -> [[UInt32: String]] {
        room.signals(to: sid).compactMap { message in
            guard case .dataTrackSubscriberHandles(let handles) = message else { return nil }
            return handles.subHandles.mapValues(\.trackSid)
        }
    }

    @Test("A published one is answered, and others see it with its publisher")
    func publishes() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        let track = try Self.publish(&room, 7, "telemetry", from: alice)
        #expect(track.rawValue.hasPrefix("DTR_"))
        let seen = try #require(room.updates(to: bob).last)
        #expect(seen.dataTracks.map(\.sid) == [track.rawValue] && seen.dataTracks.first?.pubHandle == 7)
        #expect(seen.isPublisher)
        #expect(room.media.contains { if case .openDataTrack(alice, 7, track) = $0 { true } else { false } })

        var end = Livekit_UnpublishDataTrackRequest()
        end.pubHandle = 7
        room.send(.unpublishDataTrackRequest(end), from: alice)
        #expect(room.updates(to: bob).last?.dataTracks.isEmpty == true)
        #expect(room.media.contains { if case .closeDataTrack(track) = $0 { true } else { false } })
        guard case .unpublishDataTrackResponse(let response) = room.signals(to: alice).dropLast().last else {
            Issue.record("not answered")
            return
        }
        #expect(response.info.sid == track.rawValue)
        room.send(.unpublishDataTrackRequest(end), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notFound)
    }

    @Test("Requests that cannot be met are refused with their reason")
    func refuses() throws {
        var custom = Self.request(2, "b")
        custom.frameEncoding.custom = String(repeating: "x", count: 33)
        var nameless = Self.request(2, "b")
        nameless.schema.name = ""
        let cases: [(Livekit_PublishDataTrackRequest, Livekit_RequestResponse.Reason)] = [
            (Self.request(0, "x"), .invalidHandle), (Self.request(65_536, "x"), .invalidHandle),
            (Self.request(2, ""), .invalidName), (Self.request(2, String(repeating: "n", count: 257)), .invalidName),
            (Self.request(1, "b"), .duplicateHandle), (Self.request(2, "a"), .duplicateName),
            (custom, .invalidRequest), (nameless, .invalidRequest),
        ]
        for (request, reason) in cases {
            var room = RoomHarness()
            let alice = try room.join("alice")
            _ = try Self.publish(&room, 1, "a", from: alice)
            room.send(.publishDataTrackRequest(request), from: alice)
            #expect(room.requestResponse(to: alice)?.reason == reason)
            #expect(room.requestResponse(to: alice)?.publishDataTrack == request)
            #expect(room.state.participants[alice]?.dataTracks.count == 1)
        }
        var room = RoomHarness()
        let mute = try room.join("mute") { $0.permission.canPublishData = false }
        room.send(.publishDataTrackRequest(Self.request(1, "a")), from: mute)
        #expect(room.requestResponse(to: mute)?.reason == .notAllowed)
    }

    @Test("A subscriber is told its handles, each time all of them")
    func subscribes() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(bob)
        let first = try Self.publish(&room, 1, "a", from: alice)
        let second = try Self.publish(&room, 2, "b", from: alice)
        Self.want(&room, first, true, from: bob)
        Self.want(&room, second, true, rate: 5, from: bob)
        Self.want(&room, second, true, rate: 9, from: bob)
        Self.want(&room, first, false, from: bob)
        #expect(
            Self.handles(room, of: bob)
                == [[1: first.rawValue], [1: first.rawValue, 2: second.rawValue], [2: second.rawValue]])
        let rates = room.media.compactMap { command -> UInt32? in
            if case .subscribeData(bob, second, 2, let rate) = command { rate } else { nil }
        }
        #expect(rates == [5, 9])
        #expect(room.media.contains { if case .unsubscribeData(bob, first) = $0 { true } else { false } })
        room.send(.leave(Livekit_LeaveRequest()), from: alice)
        #expect(Self.handles(room, of: bob).last == [:])
    }

    @Test("A wish for a track that is yet to come is met when it comes, and everything once its subscriber is ACTIVE")
    func subscribesLater() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.subscribesToDataTracks = true }
        let track = try Self.publish(&room, 1, "a", from: alice)
        #expect(Self.handles(room, of: bob).isEmpty)
        room.activate(bob)
        #expect(Self.handles(room, of: bob) == [[1: track.rawValue]])
        let next = try Self.publish(&room, 2, "b", from: alice)
        #expect(Self.handles(room, of: bob).last == [1: track.rawValue, 2: next.rawValue])
    }

    @Test("Permissions that go take tracks and subscriptions along, and bring subscriptions back")
    func followsPermissions() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob") { $0.subscribesToDataTracks = true }
        room.activate(bob)
        let track = try Self.publish(&room, 1, "a", from: alice)
        var permission = try #require(room.state.participants[bob]?.permission)
        permission.canSubscribe = false
        room.change { $0.updatePermission(of: bob, permission, now: $1) }
        #expect(Self.handles(room, of: bob).last == [:])
        permission.canSubscribe = true
        room.change { $0.updatePermission(of: bob, permission, now: $1) }
        #expect(Self.handles(room, of: bob).last == [2: track.rawValue])

        var audience = Livekit_SubscriptionPermission()
        audience.allParticipants = false
        room.send(.subscriptionPermission(audience), from: alice)
        #expect(Self.handles(room, of: bob).last == [:])
        audience.allParticipants = true
        room.send(.subscriptionPermission(audience), from: alice)
        #expect(Self.handles(room, of: bob).last == [3: track.rawValue])

        var own = try #require(room.state.participants[alice]?.permission)
        own.canPublishData = false
        room.change { $0.updatePermission(of: alice, own, now: $1) }
        #expect(room.state.participants[alice]?.dataTracks.isEmpty == true)
        #expect(Self.handles(room, of: bob).last == [:])
    }

    @Test("A resuming client's data tracks must be held, and its wishes are taken over")
    func synchronizes() throws {
        var room = RoomHarness()
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        room.activate(bob)
        let track = try Self.publish(&room, 1, "a", from: alice)
        var state = Livekit_SyncState()
        var update = Livekit_UpdateDataSubscription.Update()
        update.trackSid = track.rawValue
        update.subscribe = true
        state.dataSubscription.updates = [update]
        room.send(.syncState(state), from: bob)
        #expect(Self.handles(room, of: bob) == [[1: track.rawValue]])
        var published = Livekit_PublishDataTrackResponse()
        published.info.sid = track.rawValue
        state.publishDataTracks = [published]
        room.send(.syncState(state), from: alice)
        #expect(room.state.order == [alice, bob])
        room.send(.syncState(state), from: bob)
        #expect(room.leave(to: bob)?.reason == .stateMismatch)
    }

    @Test("Without the feature no blob is stored and no data track published")
    func featuresAreOff() throws {
        var rules = RoomRules()
        rules.enablesDataTracks = false
        var room = RoomHarness(rules: rules)
        let alice = try room.join("alice")
        var store = Livekit_StoreDataBlobRequest()
        store.requestID = 4
        store.blob.key.generic = "k"
        store.blob.contents = Data([1])
        room.send(.storeDataBlobRequest(store), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notAllowed)
        #expect(room.requestResponse(to: alice)?.requestID == 4)
        room.forget()
        room.send(.publishDataTrackRequest(Self.request(1, "a")), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .notAllowed)
        let options = room.media.compactMap { if case .addParticipant(_, let options) = $0 { options } else { nil } }
        #expect(options.allSatisfy { !$0.takesDataTracks })
    }

    @Test("A stored blob is had by others under its key, and goes with its owner")
    func blobs() throws {
        var rules = RoomRules()
        rules.enablesDataBlobs = true
        var room = RoomHarness(rules: rules)
        let alice = try room.join("alice")
        let bob = try room.join("bob")
        var store = Livekit_StoreDataBlobRequest()
        store.requestID = 1
        store.blob.key.schemaID.name = "pose"
        store.blob.key.schemaID.encoding.custom = "mine"
        store.blob.contents = Data([1, 2, 3])
        room.send(.storeDataBlobRequest(store), from: alice)
        let stored = room.signals(to: alice).compactMap { message -> Livekit_StoreDataBlobResponse? in
            if case .storeDataBlobResponse(let response) = message { response } else { nil }
        }
        #expect(stored.map(\.requestID) == [1] && stored.first?.key == store.blob.key)

        var get = Livekit_GetDataBlobRequest()
        (get.requestID, get.participantIdentity, get.key) = (9, "alice", store.blob.key)
        room.send(.getDataBlobRequest(get), from: bob)
        let got = room.signals(to: bob).compactMap { message -> Livekit_GetDataBlobResponse? in
            if case .getDataBlobResponse(let response) = message { response } else { nil }
        }
        #expect(got.map(\.requestID) == [9] && got.first?.blob == store.blob)
        room.send(.leave(Livekit_LeaveRequest()), from: alice)
        room.send(.getDataBlobRequest(get), from: bob)
        #expect(room.requestResponse(to: bob)?.reason == .notFound)
    }

    @Test(
        "Blobs that cannot be are refused with their reason",
        arguments: [
            ("", 1, .invalidRequest), (String(repeating: "k", count: 257), 1, .invalidRequest),
            ("k", 0, .invalidRequest), ("k", 64_000, .limitExceeded), ("k", 63_999, nil),
        ] as [(String, Int, Livekit_RequestResponse.Reason?)])
    func refusesBlobs(_ key: String, _ size: Int, _ reason: Livekit_RequestResponse.Reason?) throws {
        var rules = RoomRules()
        rules.enablesDataBlobs = true
        var room = RoomHarness(rules: rules)
        let alice = try room.join("alice")
        var store = Livekit_StoreDataBlobRequest()
        store.blob.key.generic = key
        store.blob.contents = Data(count: size)
        // The second takes the place of the first.
        for _ in 0..<2 { room.send(.storeDataBlobRequest(store), from: alice) }
        #expect(room.requestResponse(to: alice)?.reason == reason)
        room.forget()
        room.send(.getDataBlobRequest(Livekit_GetDataBlobRequest()), from: alice)
        #expect(room.requestResponse(to: alice)?.reason == .invalidRequest)
    }
}
