internal import Metrics

/// How many of what there are.
struct CensusLevels: Sendable {
    private let rooms, participants, publishedAudio, publishedVideo, subscribedAudio,
        subscribedVideo: ServerCounters.Level

    init(_ factory: any MetricsFactory) {
        rooms = ServerCounters.Level("livekit_room_total", factory)
        participants = ServerCounters.Level("livekit_participant_total", factory)
        publishedAudio = ServerCounters.Level("livekit_track_published_total", factory, [("kind", "AUDIO")])
        publishedVideo = ServerCounters.Level("livekit_track_published_total", factory, [("kind", "VIDEO")])
        subscribedAudio = ServerCounters.Level("livekit_track_subscribed_total", factory, [("kind", "AUDIO")])
        subscribedVideo = ServerCounters.Level("livekit_track_subscribed_total", factory, [("kind", "VIDEO")])
    }

    func set(_ census: RoomCensus) {
        rooms.set(census.rooms)
        participants.set(census.participants)
        publishedAudio.set(census.publishedAudio)
        publishedVideo.set(census.publishedVideo)
        subscribedAudio.set(census.subscribedAudio)
        subscribedVideo.set(census.subscribedVideo)
    }
}
