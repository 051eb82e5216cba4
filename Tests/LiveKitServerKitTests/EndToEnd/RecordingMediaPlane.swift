import Synchronization

@testable import LiveKitServerKit

/// A media plane without media: it records commands, and reports what a test makes up.
final class RecordingMediaPlane: MediaPlane {
    let udpPort: UInt16? = nil
    private let rooms = Mutex<[RecordingRoom]>([])

    func openRoom(_ room: RoomSID, report: @escaping @Sendable ([MediaEvent]) -> Void) -> any RoomMedia {
        let recording = RecordingRoom(sid: room, report: report)
        rooms.withLock { $0.append(recording) }
        return recording
    }

    func shutdown() async {}

    func room(_ sid: String) -> RecordingRoom? {
        rooms.withLock { rooms in rooms.first { $0.sid.rawValue == sid } }
    }
}

final class RecordingRoom: RoomMedia {
    let sid: RoomSID
    let report: @Sendable ([MediaEvent]) -> Void
    private let recorded = Mutex<[MediaCommand]>([])
    let isClosed = Atomic<Bool>(false)
    /// Who was moved, and to which room.
    let departures = Mutex<[(ParticipantSID, RoomSID)]>([])

    init(sid: RoomSID, report: @escaping @Sendable ([MediaEvent]) -> Void) {
        self.sid = sid
        self.report = report
    }

    func send(_ commands: [MediaCommand]) {
        recorded.withLock { $0 += commands }
        for case .addParticipant(let sid, _) in commands {
            report([.offer(sid, sdp: "v=0 offer", id: 1, midToTrackID: [:])])
        }
    }

    func move(_ participant: ParticipantSID, to other: any RoomMedia) -> Bool {
        guard let other = other as? RecordingRoom else { return false }
        departures.withLock { $0.append((participant, other.sid)) }
        return true
    }

    func close() {
        isClosed.store(true, ordering: .relaxed)
    }

    var commands: [MediaCommand] { recorded.withLock { $0 } }
}
