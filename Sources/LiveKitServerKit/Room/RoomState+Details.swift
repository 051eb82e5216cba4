internal import LiveKitCore
internal import LiveKitProtobuf

// Names, metadata, attributes and permissions: changed by the participant itself or by the API.

/// Why a change of details is refused.
enum DetailsRefusal: Error, Sendable, Equatable {
    case metadataTooLong
    case attributesTooLong
    case nameTooLong
}

extension RoomState {
    /// `update_metadata`, answered by a `request_response`.
    mutating func updateOwnDetails(
        _ request: Livekit_UpdateParticipantMetadata, of sid: ParticipantSID, now: MediaInstant
    ) {
        guard let participant = participants[sid] else { return }
        var response = Livekit_RequestResponse()
        response.requestID = request.requestID
        response.updateMetadata = request
        if participant.permission.canUpdateMetadata {
            do {
                try updateDetails(
                    of: sid, name: request.name, metadata: request.metadata,
                    attributes: LimitingAttribute.permitted(request.attributes), now: now)
            } catch {
                response.reason = .limitExceeded
                response.message = error.message
            }
        } else {
            response.reason = .notAllowed
            response.message = "does not have permission to update own metadata"
        }
        answer(sid, response)
    }

    /// Changes what is not empty; an attribute with an empty value is taken away.
    mutating func updateDetails(
        of sid: ParticipantSID, name: String, metadata: String, attributes: [String: String], now: MediaInstant
    ) throws(DetailsRefusal) {
        guard let participant = participants[sid] else { return }
        let merged = participant.attributes.merging(attributes) { _, new in new }.filter { !$0.value.isEmpty }
        try checkDetails(name: name, metadata: metadata, attributes: merged)

        var isChanged = false
        if !name.isEmpty, name != participant.name {
            participants[sid]?.name = name
            isChanged = true
        }
        if !metadata.isEmpty, metadata != participant.metadata {
            participants[sid]?.metadata = metadata
            isChanged = true
        }
        if merged != participant.attributes {
            participants[sid]?.attributes = merged
            applyLayerLimit(of: sid, before: participant.layerLimit, now: now)
            isChanged = true
        }
        guard isChanged else { return }
        broadcast(sid)
        emit(.refreshToken(sid))
    }

    func checkDetails(name: String, metadata: String, attributes: [String: String]) throws(DetailsRefusal) {
        guard limits.allows(name: name) else { throw .nameTooLong }
        guard limits.allows(metadata: metadata) else { throw .metadataTooLong }
        guard attributes.count <= RoomBounds.attributes, limits.allows(attributes: attributes) else {
            throw .attributesTooLong
        }
    }

    /// Replaces what a participant may do, and ends what it may no longer.
    mutating func updatePermission(
        of sid: ParticipantSID, _ permission: Livekit_ParticipantPermission, now: MediaInstant
    ) {
        guard let before = participants[sid], before.permission != permission else { return }
        participants[sid]?.permission = permission
        participants[sid]?.pendingTracks.removeAll { $0.isQueued && !permission.allowsPublishing($0.info.source) }
        for track in before.tracks where !permission.allowsPublishing(track.info.source) {
            unpublish(track.sid, now: now)
        }
        for track in before.pendingTracks
        where !track.isQueued && !permission.allowsPublishing(track.info.source) {
            unpublish(track.sid, now: now)
        }
        if !permission.canPublishData { unpublishDataTracks(of: sid) }
        reconcileSubscriptions(of: sid, now: now)
        reconcileData(of: sid)
        broadcast(sid)
        emit(.refreshToken(sid))
    }

    mutating func updateRoomMetadata(_ metadata: String, now: MediaInstant) throws(DetailsRefusal) {
        guard limits.allows(metadata: metadata) else { throw .metadataTooLong }
        info.metadata = metadata
        broadcastRoomUpdate(now: now)
    }
}

extension DetailsRefusal {
    var message: String {
        switch self {
        case .metadataTooLong: "metadata size exceeds limits"
        case .attributesTooLong: "attribute size exceeds limits"
        case .nameTooLong: "name length exceeds limits"
        }
    }
}
