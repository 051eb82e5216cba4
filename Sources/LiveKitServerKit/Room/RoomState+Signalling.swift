internal import LiveKitCore
internal import LiveKitProtobuf

// One signal request, dispatched.

extension RoomState {
    /// Carries out what a client asked. Unknown or outdated requests are ignored.
    mutating func receive(
        _ message: Livekit_SignalRequest.OneOf_Message, from sid: ParticipantSID, now: MediaInstant
    ) {
        guard participants[sid] != nil else { return }
        heard(sid, now: now)
        switch message {
        case .offer(let description):
            emit(
                .media(
                    .remoteOffer(
                        sid, sdp: description.sdp, id: description.id, midToTrackCID: description.midToTrackID)))
        case .answer(let description):
            emit(.media(.remoteAnswer(sid, sdp: description.sdp, id: description.id)))
        case .trickle(let trickle):
            guard let candidate = CandidateInit(json: trickle.candidateInit) else { return }
            let target: PeerTarget = trickle.target == .subscriber ? .subscriber : .publisher
            emit(.media(.remoteCandidate(sid, target, candidate: candidate.candidate)))
        case .addTrack(let request):
            addTrack(request, from: sid, now: now)
        case .mute(let request):
            mute(request, of: sid, now: now)
        case .subscription(let request):
            updateSubscription(request, of: sid, now: now)
        case .trackSetting(let request):
            updateTrackSettings(request, of: sid, now: now)
        case .subscriptionPermission(let request):
            updateAudience(request, of: sid, now: now)
        case .updateMetadata(let request):
            updateOwnDetails(request, of: sid, now: now)
        case .updateAudioTrack(let request):
            describeTrack(request, of: sid, now: now)
        case .updateVideoTrack(let request):
            describeTrack(request, of: sid, now: now)
        case .leave(let request):
            let reason = request.reason == .unknownReason ? .clientInitiated : request.reason
            remove(sid, reason: reason, leave: nil, now: now)
        case .simulate(let request):
            simulate(request, of: sid, now: now)
        case .syncState(let state):
            synchronize(state, of: sid, now: now)
        case .publishDataTrackRequest(let request):
            publishDataTrack(request, from: sid)
        case .unpublishDataTrackRequest(let request):
            unpublishDataTrack(request, from: sid)
        case .updateDataSubscription(let request):
            updateDataSubscription(request, of: sid, now: now)
        case .storeDataBlobRequest(let request):
            storeDataBlob(request, from: sid)
        case .getDataBlobRequest(let request):
            getDataBlob(request, from: sid)
        case .ping, .pingReq, .updateLayers:
            // Pings are answered where the socket is; layers are the media's to tell.
            break
        }
    }
}
