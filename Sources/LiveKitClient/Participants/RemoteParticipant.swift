internal import LiveKitProtobuf
internal import Synchronization

/// Somebody else in the room.
public final class RemoteParticipant: Participant, @unchecked Sendable {  // As its superclass.
    /// What changed of the tracks by an update.
    struct TrackChanges {
        var added: [RemoteTrackPublication] = []
        var removed: [RemoteTrackPublication] = []
        /// Those whose muting changed.
        var muted: [RemoteTrackPublication] = []
    }

    /// The publication of a number.
    func publication(_ sid: Track.Sid) -> RemoteTrackPublication? {
        trackPublications[sid] as? RemoteTrackPublication
    }

    /// Brings the publications in line with what the server says.
    func updateTracks(_ tracks: [Livekit_TrackInfo]) -> TrackChanges {
        var changes = TrackChanges()
        let announced = Set(tracks.map { Track.Sid(from: $0.sid) })
        let participantSID = info.sid
        state.withLock { state in
            for info in tracks {
                let sid = Track.Sid(from: info.sid)
                if let known = state.publications[sid] as? RemoteTrackPublication {
                    if known.update(info).muted != info.muted { changes.muted.append(known) }
                } else {
                    let publication = RemoteTrackPublication(info, participantSID: participantSID, link: link)
                    state.publications[sid] = publication
                    changes.added.append(publication)
                }
            }
            for (sid, publication) in state.publications where !announced.contains(sid) {
                state.publications[sid] = nil
                if let publication = publication as? RemoteTrackPublication { changes.removed.append(publication) }
            }
        }
        return changes
    }
}
