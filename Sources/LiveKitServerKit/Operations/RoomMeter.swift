internal import LiveKitCore
internal import LiveKitProtobuf

/// Measures what takes time in a room, by what its control half tells the forwarding half and hears from it.
///
/// It remembers no more than the room itself does: an entry goes with the track, the subscription or the participant.
struct RoomMeter {
    private struct Subscription: Hashable {
        var subscriber: ParticipantSID
        var track: TrackSID
    }

    private struct Announcement {
        var kind: MediaKind
        var at: MediaInstant
    }

    private struct Session {
        var protocolVersion: Int32
        var joinedAt: MediaInstant
        var activeAt: MediaInstant?
    }

    private let counters: ServerCounters
    private var announced: [TrackSID: Announcement] = [:]
    private var wanted: [Subscription: MediaInstant] = [:]
    private var sessions: [ParticipantSID: Session] = [:]

    init(counters: ServerCounters) {
        self.counters = counters
    }

    mutating func note(_ command: MediaCommand, now: MediaInstant) {
        switch command {
        case .expectTrack(_, let track):
            announced[track.sid] = Announcement(kind: track.kind, at: now)
            counters.publishing("attempt", track.kind)
        case .removeTrack(let track):
            if let cancelled = announced.removeValue(forKey: track) { counters.publishing("cancel", cancelled.kind) }
            wanted = wanted.filter { $0.key.track != track }
        case .subscribe(let subscriber, let track):
            wanted[Subscription(subscriber: subscriber, track: track)] = now
            counters.subscribing("attempt")
        case .unsubscribe(let subscriber, let track):
            guard wanted.removeValue(forKey: Subscription(subscriber: subscriber, track: track)) != nil else { return }
            counters.subscribing("cancel")
        case .removeParticipant(let sid):
            wanted = wanted.filter { $0.key.subscriber != sid }
        default:
            break
        }
    }

    mutating func note(_ event: MediaEvent, in room: RoomState, now: MediaInstant) {
        switch event {
        case .subscribed(let sid, let track):
            guard let began = wanted.removeValue(forKey: Subscription(subscriber: sid, track: track)) else { return }
            counters.subscribing("success")
            guard let info = room.publishedTrack(track)?.info, let subscriber = room.participants[sid] else { return }
            counters.trackFlows(info, isPublished: false, of: subscriber, after: now - began)
        case .connectionState(_, let target, let state):
            counters.connectionChanged(target, state)
        case .streams(let samples):
            for (track, samples) in Dictionary(grouping: samples, by: \.track) {
                guard let info = room.publishedTrack(track)?.info else { continue }
                counters.record(samples, of: info)
            }
        default:
            break
        }
    }

    mutating func note(_ notice: RoomNotice, in room: RoomState, now: MediaInstant) {
        switch notice {
        case .participantJoined(let sid, _):
            guard let participant = room.participants[sid] else { return }
            sessions[sid] = Session(protocolVersion: participant.client.protocol, joinedAt: participant.joinedAt)
        case .participantActive(let sid, _):
            guard let session = sessions[sid] else { return }
            sessions[sid]?.activeAt = now
            counters.sessionStarted(protocolVersion: session.protocolVersion, after: now - session.joinedAt)
        case .participantLeft(let sid, _, let reason):
            guard let session = sessions.removeValue(forKey: sid) else { return }
            if let activeAt = session.activeAt {
                counters.sessionEnded(protocolVersion: session.protocolVersion, after: now - activeAt)
            } else {
                counters.joining(Self.isCanceled(reason, after: now - session.joinedAt) ? .rtcCanceled : .rtcFailure)
            }
        case .trackPublished(let sid, let track):
            guard let announcement = announced.removeValue(forKey: track) else { return }
            counters.publishing("success", announcement.kind)
            guard let info = room.publishedTrack(track)?.info, let publisher = room.participants[sid] else { return }
            counters.trackFlows(info, isPublished: true, of: publisher, after: now - announcement.at)
        default:
            break
        }
    }

    /// Whether somebody who left without a media connection meant to. A socket that is closed at once is closed by a
    /// person; later it is more likely that something did not work.
    private static func isCanceled(_ reason: Livekit_DisconnectReason, after time: MediaDuration) -> Bool {
        switch reason {
        case .clientInitiated, .duplicateIdentity, .roomClosed, .roomDeleted, .migration: true
        case .signalClose: time < .seconds(3)
        default: false
        }
    }
}
