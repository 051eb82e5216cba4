internal import LiveKitProtobuf
internal import Synchronization

// What the server says.
extension RoomSession {
    func receive(_ response: SignalClient.Response) async {
        guard !isEnded else { return }
        switch response {
        case .join(let join): await receive(join)
        case .offer(let offer): await receive(offer: offer)
        case .answer(let answer): await receive(answer: answer)
        case .trickle(let trickle): receive(trickle)
        case .update(let update): receive(update)
        case .trackPublished(let reply): trackReplies.resolve(reply.cid, .success(reply.track))
        case .trackUnpublished(let notice): await trackWasUnpublished(Track.Sid(from: notice.trackSid))
        case .leave(let leave): receive(leave)
        case .mute(let mute): muteByServer(mute)
        case .speakersChanged(let change): room?.update(change.speakers)
        case .roomUpdate(let update): room?.update(update.room)
        case .connectionQuality(let update): room?.update(update.updates)
        case .streamStateUpdate(let update): room?.update(update.streamStates)
        case .subscribedQualityUpdate(let update): receive(update)
        case .subscriptionPermissionUpdate(let update):
            room?.remotePublication(update.trackSid)?.0.set(subscriptionAllowed: update.allowed)
        case .refreshToken(let token): room?.state.withLock { $0.token = token }
        case .pongResp(let pong): receive(pong)
        case .requestResponse(let reply): receive(reply)
        default: break
        }
    }

    private func receive(_ response: Livekit_JoinResponse) async {
        guard !isJoined else { return }
        isJoined = true
        join = response
        lastPongAt = .now
        do throws(LiveKitError) { try await makeTransports() } catch {
            milestones.resolve(.join, .failure(error))
            end(error)
            return
        }
        room?.joined(response)
        milestones.resolve(.join, .success(()))
    }

    private func receive(_ update: Livekit_ParticipantUpdate) {
        for info in update.participants { room?.update(info) }
        bindReceivedTracks()
    }

    private func receive(_ leave: Livekit_LeaveRequest) {
        let reason = DisconnectReason(leave.reason)
        end(reason.error ?? LiveKitError(.unknown, message: "The server ended the session."))
    }

    private func receive(_ reply: Livekit_RequestResponse) {
        let error = Self.error(for: reply)
        if case .addTrack(let request) = reply.request, let error {
            trackReplies.resolve(request.cid, .failure(error))
        }
        requestReplies.resolve(reply.requestID, error.map { .failure($0) } ?? .success(()))
    }

    /// `nil` for a request that was accepted.
    static func error(for reply: Livekit_RequestResponse) -> LiveKitError? {
        let message = reply.message.isEmpty ? nil : reply.message
        return switch reply.reason {
        case .ok, .queued: nil
        case .notAllowed: LiveKitError(.insufficientPermissions, message: message)
        case .limitExceeded: LiveKitError(.invalidParameter, message: message ?? "A limit is exceeded.")
        case .notFound: LiveKitError(.invalidParameter, message: message ?? "There is no such thing.")
        default: LiveKitError(.invalidParameter, message: message ?? "The server refused: \(reply.reason).")
        }
    }

    // MARK: Pings

    func runPings() async {
        guard join.pingInterval > 0 else { return }
        let interval = Duration.seconds(Int(join.pingInterval))
        let timeout = Duration.seconds(Int(max(join.pingTimeout, join.pingInterval)))
        while !isEnded {
            guard (try? await Task.sleep(for: interval)) != nil, !isEnded else { return }
            guard ContinuousClock.now - lastPongAt < timeout else {
                end(LiveKitError(.serverPingTimedOut))
                return
            }
            var ping = Livekit_Ping()
            ping.timestamp = Int64((ContinuousClock.now - startedAt) / .milliseconds(1))
            ping.rtt = Int64(signalRoundTrip / .milliseconds(1))
            pingSentAt = [ping.timestamp: .now]
            // A connection that is gone ends the session by itself.
            try? send(.pingReq(ping))
        }
    }

    private func receive(_ pong: Livekit_Pong) {
        lastPongAt = .now
        if let sent = pingSentAt.removeValue(forKey: pong.lastPingTimestamp) { signalRoundTrip = .now - sent }
    }
}
