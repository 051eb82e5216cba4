internal import LiveKitCore

/// A room that has a track of another one. Weak: it may close first.
struct TrackBorrower {
    weak var room: RoomForwarder?
}

// Tracks that participants of other rooms of the same loop are sent too. The track stays where its publisher is, and
// forwards to all its subscribers in one burst, wherever they are.

extension RoomForwarder {
    func lend(_ sid: TrackSID, to other: RoomForwarder) {
        guard other !== self, let track = tracks[sid], track.publisher.room === self, other.tracks[sid] == nil else {
            return
        }
        other.tracks[sid] = track
        // Rooms that are gone, and one that gave it back and has it again, are not kept twice.
        var known = borrowers[sid, default: []].filter { $0.room.map { $0 !== other } ?? false }
        known.append(TrackBorrower(room: other))
        borrowers[sid] = known
    }

    /// The track ends or goes: nobody may have it any more, because its publisher may be gone with it.
    func recall(_ sid: TrackSID) {
        for borrower in borrowers.removeValue(forKey: sid) ?? [] { borrower.room?.removeTrack(sid) }
    }
}
