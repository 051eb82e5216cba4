internal import LiveKitCore
internal import LiveKitProtobuf

// What happens because time passes.

extension RoomState {
    /// Carries out whatever is due. Calls too early or too often are harmless.
    mutating func handleTimeout(now: MediaInstant) {
        guard !isClosed else { return }
        removeLateParticipants(now: now)
        removeDepartedAgents(now: now)
        giveUpTCP(now: now)
        timeOutRPCs(now: now)
        closeIfIdle(now: now)
        guard !isClosed else { return }
        sendBatchedUpdates(now: now)
        silenceSimulatedSpeakers(now: now)
        reportMissingTracks(now: now)
        reconcileWaiting(now: now)
        settleDemands(now: now)
        replayCache.prune(now: now)
        refreshTokens(now: now)
        if now - qualitySentAt >= RoomBounds.qualityPeriod { reportQualities(now: now) }
        if areCountersStale, now - roomUpdateSentAt >= RoomBounds.roomUpdatePeriod { broadcastRoomUpdate(now: now) }
    }

    private mutating func removeLateParticipants(now: MediaInstant) {
        for sid in order {
            guard let participant = participants[sid] else { continue }
            if participant.state != .active, now - participant.joinedAt >= RoomBounds.joinTimeout {
                remove(sid, reason: .joinFailure, leave: .disconnect, now: now)
            } else if let lost = participant.mediaLostAt, now - lost >= RoomBounds.mediaAbsence {
                remove(sid, reason: .connectionTimeout, leave: .disconnect, now: now)
            }
        }
    }

    private mutating func closeIfIdle(now: MediaInstant) {
        guard expected.isEmpty, !participants.values.contains(where: { !$0.isDependent }) else { return }
        let since = emptySince ?? createdAt
        let seconds = hasBeenJoined ? info.departureTimeout : info.emptyTimeout
        guard now - since >= .seconds(Int64(seconds)) else { return }
        close(.roomEndIdleTimeout, telling: .roomClosed, now: now)
    }

    private mutating func refreshTokens(now: MediaInstant) {
        for sid in order {
            guard let sent = participants[sid]?.tokenSentAt, now - sent >= RoomBounds.tokenPeriod else { continue }
            participants[sid]?.tokenSentAt = now
            emit(.refreshToken(sid))
        }
    }
}
