internal import LiveKitCore

/// A room's data tracks on the loop: who is sent what a publisher's handle carries, and under which handle.
struct DataTrackTable {
    struct Subscriber {
        let participant: ParticipantSID
        var handle: UInt16
        var thinner: FrameThinner
    }

    private struct Source: Hashable {
        let publisher: ParticipantSID
        let handle: UInt16
    }

    private var tracks: [Source: TrackSID] = [:]
    private var subscribers: [TrackSID: [Subscriber]] = [:]
    /// Packets that were none, or of no track.
    private(set) var refused: UInt64 = 0

    mutating func open(_ track: TrackSID, publisher: ParticipantSID, handle: UInt16) {
        tracks[Source(publisher: publisher, handle: handle)] = track
        subscribers[track] = []
    }

    mutating func close(_ track: TrackSID) {
        tracks = tracks.filter { $0.value != track }
        subscribers[track] = nil
    }

    /// Begins to send a track, or changes how it is sent.
    mutating func subscribe(_ participant: ParticipantSID, to track: TrackSID, handle: UInt16, framesPerSecond: UInt32?)
    {
        guard let index = subscribers[track]?.firstIndex(where: { $0.participant == participant }) else {
            let thinner = FrameThinner(framesPerSecond: framesPerSecond)
            subscribers[track]?.append(Subscriber(participant: participant, handle: handle, thinner: thinner))
            return
        }
        subscribers[track]?[index].handle = handle
        subscribers[track]?[index].thinner.framesPerSecond = framesPerSecond
    }

    mutating func unsubscribe(_ participant: ParticipantSID, from track: TrackSID) {
        subscribers[track]?.removeAll { $0.participant == participant }
    }

    /// Forgets a participant on both ends.
    mutating func remove(_ participant: ParticipantSID) {
        for (source, track) in tracks where source.publisher == participant { close(track) }
        for track in subscribers.keys { unsubscribe(participant, from: track) }
    }

    /// Hands `send` a packet for each of its subscribers, under that one's handle.
    mutating func forward(
        _ packet: [UInt8], from publisher: ParticipantSID, now: MediaInstant,
        send: (ParticipantSID, [UInt8]) -> Void
    ) {
        guard let header = try? DataTrackHeader(parsing: packet.rawSpan),
            let track = tracks[Source(publisher: publisher, handle: header.handle)],
            let count = subscribers[track]?.count
        else {
            refused &+= 1
            return
        }
        var packet = packet
        for index in 0..<count {
            guard subscribers[track]?[index].thinner.passes(header, now: now) == true,
                let subscriber = subscribers[track]?[index]
            else { continue }
            packet[DataTrackHeader.handleOffset] = UInt8(subscriber.handle >> 8)
            packet[DataTrackHeader.handleOffset + 1] = UInt8(truncatingIfNeeded: subscriber.handle)
            send(subscriber.participant, packet)
        }
    }
}
