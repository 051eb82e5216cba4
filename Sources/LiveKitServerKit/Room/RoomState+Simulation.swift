internal import LiveKitCore
internal import LiveKitProtobuf

// Scenarios by which clients test themselves (`simulate`).

/// How a participant's next resumes go wrong, as it asked for.
enum ResumeSimulation: Sendable, Equatable {
    /// The socket closes after the answer.
    case hangsUpAfterMessages(until: MediaInstant)
    /// The socket closes without an answer, so often.
    case hangsUpBeforeMessages(until: MediaInstant, times: Int)
}

extension RoomState {
    mutating func simulate(_ request: Livekit_SimulateScenario, of sid: ParticipantSID, now: MediaInstant) {
        let until = now + RoomBounds.resumeSimulation
        switch request.scenario {
        case .speakerUpdate(let seconds):
            simulateSpeaker(sid, seconds: seconds, now: now)
        case .serverLeave:
            remove(sid, reason: .serverShutdown, leave: .disconnect, now: now)
        case .leaveRequestFullReconnect:
            remove(sid, reason: .stateMismatch, leave: .reconnect, now: now)
        case .nodeFailure:
            // The session is simply gone, as if its node had died.
            remove(sid, reason: .serverShutdown, leave: nil, now: now)
        case .migration:
            remove(sid, reason: .migration, leave: nil, now: now)
        case .switchCandidateProtocol(let candidates):
            prefer(CandidatePreference(candidates), for: sid, now: now)
        case .disconnectSignalOnResume:
            participants[sid]?.resumeSimulation = .hangsUpAfterMessages(until: until)
        case .disconnectSignalOnResumeNoMessages:
            participants[sid]?.resumeSimulation = .hangsUpBeforeMessages(until: until, times: 3)
        case .subscriberBandwidth(let bitsPerSecond):
            let capacity = bitsPerSecond > 0 ? bitsPerSecond : nil
            emit(.media(.setChannelCapacity(sid, bitsPerSecond: capacity)))
        case nil:
            break
        }
    }

    /// Closes the socket of a resume without an answer, where that was asked for.
    mutating func hangsUpBeforeMessages(_ sid: ParticipantSID, now: MediaInstant) -> Bool {
        guard case .hangsUpBeforeMessages(let until, let times) = participants[sid]?.resumeSimulation else {
            return false
        }
        guard now < until, times > 0 else {
            participants[sid]?.resumeSimulation = nil
            return false
        }
        participants[sid]?.resumeSimulation = .hangsUpBeforeMessages(until: until, times: times - 1)
        emit(.hangUp(sid))
        return true
    }

    /// Closes the socket of a resume after the answer, where that was asked for.
    mutating func hangUpAfterMessages(_ sid: ParticipantSID, now: MediaInstant) {
        guard case .hangsUpAfterMessages(let until) = participants[sid]?.resumeSimulation else { return }
        participants[sid]?.resumeSimulation = nil
        if now < until { emit(.hangUp(sid)) }
    }
}
