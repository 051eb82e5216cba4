internal import LiveKitCore
internal import LiveKitProtobuf

// Data tracks: published by a handle, discovered with their publisher, received under a handle of the subscriber's own.

/// A published data track.
struct RoomDataTrack: Sendable {
    var info: Livekit_DataTrackInfo

    var sid: TrackSID { TrackSID(rawValue: info.sid) }
    var handle: UInt16 { UInt16(clamping: info.pubHandle) }
}

/// What a subscriber wants of a data track, and the handle under which it is sent it.
struct DataTrackWish: Sendable {
    /// `nil` where the client said nothing.
    var isWanted: Bool?
    /// Frames in each second at most; `nil` for all.
    var targetFramesPerSecond: UInt32?
    /// While it is sent.
    var handle: UInt16?
    /// When the client spoke of it, if there was no such track then.
    var missingSince: MediaInstant?
}

extension RoomState {
    /// `publish_data_track_request`.
    mutating func publishDataTrack(_ request: Livekit_PublishDataTrackRequest, from sid: ParticipantSID) {
        guard let publisher = participants[sid] else { return }
        if let refusal = refusal(of: request, from: publisher) {
            var response = refusal
            response.publishDataTrack = request
            return answer(sid, response)
        }
        var info = Livekit_DataTrackInfo()
        info.pubHandle = request.pubHandle
        info.sid = makeIdentifier("DTR_")
        info.name = request.name
        info.encryption = request.encryption
        if request.hasFrameEncoding { info.frameEncoding = request.frameEncoding }
        if request.hasSchema { info.schema = request.schema }
        let track = RoomDataTrack(info: info)
        participants[sid]?.dataTracks.append(track)
        publisherByTrack[track.sid] = sid
        emit(.media(.openDataTrack(sid, handle: track.handle, track.sid)))
        var response = Livekit_PublishDataTrackResponse()
        response.info = info
        signal(sid, .publishDataTrackResponse(response))
        areCountersStale = true
        broadcast(sid)
        for other in order where other != sid { reconcileData(other, [track.sid]) }
    }

    private func refusal(
        of request: Livekit_PublishDataTrackRequest, from publisher: RoomParticipant
    ) -> Livekit_RequestResponse? {
        func refused(_ reason: Livekit_RequestResponse.Reason, _ message: String) -> Livekit_RequestResponse {
            var response = Livekit_RequestResponse()
            response.reason = reason
            response.message = message
            return response
        }
        guard publisher.permission.canPublishData, rules.enablesDataTracks else {
            return refused(.notAllowed, "does not have permission to publish data")
        }
        guard (1...UInt32(UInt16.max)).contains(request.pubHandle) else {
            return refused(.invalidHandle, "handle should be > 0 AND < 65536")
        }
        guard (1...RoomBounds.dataTrackNameBytes).contains(request.name.utf8.count) else {
            return refused(.invalidName, "name should not be empty and should not exceed 256 characters")
        }
        guard request.hasSoundEncodings(limits) else {
            return refused(.invalidRequest, "encoding identifier is empty or exceeds the maximum length")
        }
        guard !publisher.dataTracks.contains(where: { $0.info.pubHandle == request.pubHandle }) else {
            return refused(.duplicateHandle, "a data track with same handle already exists")
        }
        guard !publisher.dataTracks.contains(where: { $0.info.name == request.name }) else {
            return refused(.duplicateName, "a data track with same name already exists")
        }
        guard publisher.dataTracks.count < RoomBounds.dataTracks else {
            return refused(.limitExceeded, "too many data tracks")
        }
        return nil
    }

    /// `unpublish_data_track_request`.
    mutating func unpublishDataTrack(_ request: Livekit_UnpublishDataTrackRequest, from sid: ParticipantSID) {
        guard let track = participants[sid]?.dataTracks.first(where: { $0.info.pubHandle == request.pubHandle }) else {
            var response = Livekit_RequestResponse()
            response.reason = .notFound
            response.unpublishDataTrack = request
            return answer(sid, response)
        }
        endDataTrack(track, of: sid)
        broadcast(sid)
    }

    /// Takes all of a participant's data tracks away, as when it may publish none any more.
    mutating func unpublishDataTracks(of sid: ParticipantSID) {
        for track in participants[sid]?.dataTracks ?? [] { endDataTrack(track, of: sid) }
    }

    private mutating func endDataTrack(_ track: RoomDataTrack, of sid: ParticipantSID) {
        participants[sid]?.dataTracks.removeAll { $0.sid == track.sid }
        forgetDataTrack(track.sid)
        var response = Livekit_UnpublishDataTrackResponse()
        response.info = track.info
        signal(sid, .unpublishDataTrackResponse(response))
    }

    /// Ends a data track for its subscribers, without telling its publisher.
    mutating func forgetDataTrack(_ track: TrackSID) {
        guard publisherByTrack.removeValue(forKey: track) != nil else { return }
        areCountersStale = true
        emit(.media(.closeDataTrack(track)))
        for other in order { participants[other]?.refused.remove(track) }
        for other in order where participants[other]?.dataWishes[track] != nil {
            let wasSent = participants[other]?.dataWishes.removeValue(forKey: track)?.handle != nil
            if wasSent { sendDataHandles(to: other) }
        }
    }

    // MARK: Subscribing

    /// `update_data_subscription`.
    mutating func updateDataSubscription(
        _ request: Livekit_UpdateDataSubscription, of sid: ParticipantSID, now: MediaInstant
    ) {
        var changed: [TrackSID] = []
        for update in request.updates {
            let track = TrackSID(rawValue: update.trackSid)
            let known = participants[sid]?.dataWishes[track]
            guard known != nil || participants[sid]?.dataWishes.count ?? .max < RoomBounds.subscriptionWishes else {
                continue
            }
            var wish = known ?? DataTrackWish()
            wish.isWanted = update.subscribe
            wish.missingSince = publisherByTrack[track] == nil ? now : nil
            let rate = update.options.hasTargetFps ? update.options.targetFps : nil
            wish.targetFramesPerSecond = update.subscribe && rate != 0 ? rate : nil
            participants[sid]?.dataWishes[track] = wish
            participants[sid]?.refused.remove(track)
            if let handle = wish.handle, update.subscribe {
                emit(.media(.subscribeData(sid, track, handle: handle, framesPerSecond: wish.targetFramesPerSecond)))
            }
            changed.append(track)
        }
        reconcileData(sid, changed)
    }

    /// Makes what a subscriber is sent of all data tracks agree with what it wants and may have.
    mutating func reconcileData(of sid: ParticipantSID) {
        reconcileData(sid, order.filter { $0 != sid }.flatMap { participants[$0]?.dataTracks.map(\.sid) ?? [] })
    }

    /// The same for some of them. Its handles are told anew when any changed.
    mutating func reconcileData(_ sid: ParticipantSID, _ tracks: [TrackSID]) {
        guard participants[sid]?.isForwarded == false else { return }
        var isChanged = false
        for track in tracks {
            guard let subscriber = participants[sid], let publisher = publisherByTrack[track], publisher != sid,
                participants[publisher]?.dataTracks.contains(where: { $0.sid == track }) == true
            else { continue }
            let wish = subscriber.dataWishes[track] ?? DataTrackWish()
            let isAllowed = mayReceive(sid, track, from: publisher)
            let isAsked =
                subscriber.state == .active && subscriber.permission.canSubscribe
                && wish.isWanted ?? subscriber.subscribesToDataTracks
            if isAsked { tellPermission(isAllowed, for: track, of: publisher, to: sid) }
            let isDue = isAsked && isAllowed
            guard isDue != (wish.handle != nil) else { continue }
            isChanged = true
            if isDue {
                subscribeData(sid, track, wish)
            } else {
                participants[sid]?.dataWishes[track]?.handle = nil
                emit(.media(.unsubscribeData(sid, track)))
            }
        }
        if isChanged { sendDataHandles(to: sid) }
    }

    private mutating func subscribeData(_ sid: ParticipantSID, _ track: TrackSID, _ wish: DataTrackWish) {
        guard let handle = participants[sid]?.makeDataHandle() else { return }
        var wish = wish
        wish.handle = handle
        participants[sid]?.dataWishes[track] = wish
        emit(.media(.subscribeData(sid, track, handle: handle, framesPerSecond: wish.targetFramesPerSecond)))
    }

    mutating func sendDataHandles(to sid: ParticipantSID) {
        var handles = Livekit_DataTrackSubscriberHandles()
        for (track, wish) in participants[sid]?.dataWishes ?? [:] {
            guard let handle = wish.handle, let publisher = publisherByTrack[track] else { continue }
            var published = Livekit_DataTrackSubscriberHandles.PublishedDataTrack()
            published.publisherIdentity = participants[publisher]?.identity ?? ""
            published.publisherSid = publisher.rawValue
            published.trackSid = track.rawValue
            handles.subHandles[UInt32(handle)] = published
        }
        signal(sid, .dataTrackSubscriberHandles(handles))
    }
}

extension RoomParticipant {
    /// A handle that none of its data tracks has; they count up, and never are 0.
    fileprivate mutating func makeDataHandle() -> UInt16? {
        let used = Set(dataWishes.values.compactMap(\.handle))
        guard used.count < Int(UInt16.max) else { return nil }
        repeat { lastDataHandle &+= 1 } while lastDataHandle == 0 || used.contains(lastDataHandle)
        return lastDataHandle
    }
}

extension Livekit_PublishDataTrackRequest {
    /// Encodings that are no well-known ones have names, of a bounded length.
    fileprivate func hasSoundEncodings(_ limits: LiveKitServerConfiguration.Limits) -> Bool {
        if hasFrameEncoding, case .custom(let name) = frameEncoding.value, !limits.allows(customEncoding: name) {
            return false
        }
        guard hasSchema else { return true }
        guard schema.hasSoundEncoding(limits) else { return false }
        return (1...RoomBounds.dataTrackNameBytes).contains(schema.name.utf8.count)
    }
}

extension Livekit_DataTrackSchemaId {
    func hasSoundEncoding(_ limits: LiveKitServerConfiguration.Limits) -> Bool {
        guard case .custom(let name) = encoding.value else { return true }
        return limits.allows(customEncoding: name)
    }
}
