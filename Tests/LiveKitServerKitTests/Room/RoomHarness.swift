import LiveKitCore
import LiveKitProtobuf
import SwiftProtobuf

@testable import LiveKitServerKit

/// A room machine with its clock, and what it has decided so far.
struct RoomHarness {
    var state: RoomState
    var now = MediaInstant.start
    private(set) var effects: [RoomEffect] = []

    init(
        limits: LiveKitServerConfiguration.Limits = .init(), rules: RoomRules = RoomRules(),
        seed: UInt64 = 1,
        _ configure: (inout Livekit_Room) -> Void = { _ in }
    ) {
        var info = Livekit_Room()
        info.name = "room"
        info.emptyTimeout = 300
        info.departureTimeout = 20
        configure(&info)
        state = RoomState(
            info: info, limits: limits, rules: rules, unixMillisecondsAtStart: 1_700_000_000_000,
            random: DeterministicRandom(seed: seed), now: now)
    }

    static let server = JoinResponseTemplate(region: "here", nodeID: "ND_test")

    static func intent(_ identity: String, _ change: (inout JoinIntent) -> Void = { _ in }) -> JoinIntent {
        var intent = JoinIntent(identity: identity)
        intent.permission = VideoGrant(room: "room", roomJoin: true).participantPermission
        intent.client.protocol = 16
        change(&intent)
        return intent
    }

    @discardableResult
    mutating func join(
        _ identity: String, _ change: (inout JoinIntent) -> Void = { _ in }
    ) throws(JoinRefusal) -> ParticipantSID {
        let sid = try state.join(Self.intent(identity, change), server: Self.server, now: now)
        collect()
        return sid
    }

    @discardableResult
    mutating func resume(
        _ identity: String, _ session: ParticipantSID, reason: Livekit_ReconnectReason = .rrUnknown
    ) throws(ResumeRefusal) -> ParticipantSID {
        defer { collect() }
        return try state.resume(
            ResumeRequest(session: session.rawValue, reason: reason), identity: identity, server: Self.server, now: now)
    }

    mutating func send(_ message: Livekit_SignalRequest.OneOf_Message, from sid: ParticipantSID) {
        state.receive(message, from: sid, now: now)
        collect()
    }

    mutating func report(_ event: MediaEvent) {
        state.receive(event, now: now)
        collect()
    }

    mutating func change(_ body: (inout RoomState, MediaInstant) throws -> Void) rethrows {
        defer { collect() }
        try body(&state, now)
    }

    /// Lets time pass in steps of a quarter of a second, as the controller's clock does.
    mutating func pass(_ duration: MediaDuration) {
        let end = now + duration
        while now < end {
            now = min(now + .milliseconds(250), end)
            state.handleTimeout(now: now)
        }
        collect()
    }

    mutating func activate(_ sid: ParticipantSID) {
        report(.connectionState(sid, .subscriber, .connected))
        report(.dataChannelOpened(sid, .reliable))
    }

    /// Announces and starts a track; its SID.
    @discardableResult
    mutating func publish(
        _ cid: String, from sid: ParticipantSID, _ change: (inout Livekit_AddTrackRequest) -> Void = { _ in }
    ) -> TrackSID {
        var request = Livekit_AddTrackRequest()
        request.cid = cid
        request.type = .audio
        request.source = .microphone
        change(&request)
        send(.addTrack(request), from: sid)
        let published = signals(to: sid).compactMap { message -> Livekit_TrackPublishedResponse? in
            if case .trackPublished(let response) = message, response.cid == cid { response } else { nil }
        }
        let track = TrackSID(rawValue: published.last?.track.sid ?? "")
        let mime = request.type == .audio ? "audio/opus" : "video/VP8"
        report(.trackStarted(sid, track, TrackDetails(mimeType: mime, mid: "0")))
        return track
    }

    mutating func forget() {
        effects = []
    }

    private mutating func collect() {
        effects += state.takeEffects()
    }

    // MARK: What was decided

    func signals(to sid: ParticipantSID) -> [Livekit_SignalResponse.OneOf_Message] {
        effects.compactMap { effect in
            if case .signal(sid, let message) = effect { message } else { nil }
        }
    }

    func updates(to sid: ParticipantSID) -> [Livekit_ParticipantInfo] {
        signals(to: sid).flatMap { message -> [Livekit_ParticipantInfo] in
            if case .update(let update) = message { update.participants } else { [] }
        }
    }

    func leave(to sid: ParticipantSID) -> Livekit_LeaveRequest? {
        for case .leave(let leave) in signals(to: sid) { return leave }
        return nil
    }

    func requestResponse(to sid: ParticipantSID) -> Livekit_RequestResponse? {
        for case .requestResponse(let response) in signals(to: sid) { return response }
        return nil
    }

    var media: [MediaCommand] {
        effects.compactMap { effect in
            if case .media(let command) = effect { command } else { nil }
        }
    }

    var subscribed: [Subscription] {
        media.compactMap { command in
            if case .subscribe(let sid, let track) = command { Subscription(sid, track) } else { nil }
        }
    }

    var unsubscribed: [Subscription] {
        media.compactMap { command in
            if case .unsubscribe(let sid, let track) = command { Subscription(sid, track) } else { nil }
        }
    }

    /// The packets handed to the media half, with their receivers.
    var sentData: [(receivers: [ParticipantSID], packet: Livekit_DataPacket)] {
        media.compactMap { command in
            guard case .sendData(let receivers, _, let bytes) = command,
                let packet = try? Livekit_DataPacket(serializedBytes: bytes)
            else { return nil }
            return (receivers, packet)
        }
    }
}

struct Subscription: Hashable {
    var subscriber: ParticipantSID
    var track: TrackSID

    init(_ subscriber: ParticipantSID, _ track: TrackSID) {
        self.subscriber = subscriber
        self.track = track
    }
}
