internal import LiveKitCore
internal import LiveKitProtobuf
internal import SwiftProtobuf

// Telling participants of each other.

extension RoomState {
    /// How soon others hear of a change.
    enum Urgency {
        case atOnce
        /// With others of the next three seconds, where nobody is sent anything of the participant: in a large
        /// audience everybody would hear of everybody one by one.
        case batched
    }

    /// Tells everybody else, and the participant itself when `includingSelf`, what it is now.
    mutating func broadcast(_ sid: ParticipantSID, includingSelf: Bool = true, _ urgency: Urgency = .atOnce) {
        guard let participant = participants[sid] else { return }
        participants[sid]?.version &+= 1
        var info = participant.info
        info.version &+= 1
        if includingSelf { send([info], to: [sid]) }
        guard !participant.isHidden else { return }
        guard urgency == .atOnce || participant.isPublisher else {
            if !batchedUpdates.contains(sid) { batchedUpdates.append(sid) }
            return
        }
        batchedUpdates.removeAll { $0 == sid }
        send([info], to: order.filter { $0 != sid })
    }

    /// Sends what was held back.
    mutating func sendBatchedUpdates(now: MediaInstant) {
        guard now - batchSentAt >= RoomBounds.subscriberUpdatePeriod else { return }
        batchSentAt = now
        guard !batchedUpdates.isEmpty else { return }
        let infos = batchedUpdates.compactMap { participants[$0]?.info }
        batchedUpdates = []
        for sid in order { send(infos.filter { $0.sid != sid.rawValue }, to: [sid]) }
    }

    /// Tells others that somebody left. Newer clients know a participant by its identity: that it has a new
    /// session they learn from that session.
    mutating func announceDeparture(_ info: Livekit_ParticipantInfo, now: MediaInstant) {
        batchedUpdates.removeAll { $0.rawValue == info.sid }
        noteDeparture(info, now: now)
        let isReplaced = info.disconnectReason == .duplicateIdentity
        send([info], to: order.filter { !isReplaced || (participants[$0]?.client.protocol ?? 0) <= 11 })
    }

    /// Sends participants in as many updates as their bytes need.
    mutating func send(_ infos: [Livekit_ParticipantInfo], to receivers: [ParticipantSID]) {
        guard !infos.isEmpty, !receivers.isEmpty else { return }
        var update = Livekit_ParticipantUpdate()
        var bytes = 0
        func flush(_ state: inout RoomState) {
            for sid in receivers { state.signal(sid, .update(update)) }
        }
        for info in infos {
            let size = infos.count == 1 ? 0 : (try? info.serializedData().count) ?? 0
            if bytes + size > rules.updateBatchBytes, !update.participants.isEmpty {
                flush(&self)
                update.participants = []
                bytes = 0
            }
            update.participants.append(info)
            bytes += size
        }
        flush(&self)
    }
}
