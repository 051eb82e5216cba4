internal import Metrics

/// The control plane's counters, in whatever metrics system the process has.
struct ServerCounters: Sendable {
    /// One counter, so that only this file knows the metrics library.
    struct Count: Sendable {
        private let counter: Counter

        init(label: String) {
            counter = Counter(label: label)
        }

        func increment() {
            counter.increment()
        }
    }

    let roomsOpened = Count(label: "livekit_rooms_opened_total")
    let participantsJoined = Count(label: "livekit_participants_joined_total")
    let participantsLeft = Count(label: "livekit_participants_left_total")
    let participantsResumed = Count(label: "livekit_participants_resumed_total")
    let tracksPublished = Count(label: "livekit_tracks_published_total")
    let joinsRefused = Count(label: "livekit_joins_refused_total")
    let resumesRefused = Count(label: "livekit_resumes_refused_total")
    let slowSignalReaders = Count(label: "livekit_signal_slow_readers_total")
    let malformedSignals = Count(label: "livekit_signal_malformed_total")
    let droppedMediaBatches = Count(label: "livekit_media_event_batches_dropped_total")

    func count(_ notice: RoomNotice) {
        switch notice {
        case .participantJoined: participantsJoined.increment()
        case .participantResumed: participantsResumed.increment()
        case .participantLeft: participantsLeft.increment()
        case .trackPublished: tracksPublished.increment()
        case .dataDropped(_, let reason):
            Counter(label: "livekit_data_packets_dropped_total", dimensions: [("reason", reason.rawValue)]).increment()
        case .participantActive, .trackUnpublished, .negotiationFailed, .closed: break
        }
    }
}
