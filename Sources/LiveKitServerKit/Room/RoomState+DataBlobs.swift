internal import LiveKitCore
internal import LiveKitProtobuf

// What participants keep for one another by keys, such as the schemas of their data tracks. It goes with them.

extension RoomState {
    /// `store_data_blob_request`.
    mutating func storeDataBlob(_ request: Livekit_StoreDataBlobRequest, from sid: ParticipantSID) {
        if let refusal = refusal(of: request, from: sid) {
            var response = refusal
            response.requestID = request.requestID
            return answer(sid, response)
        }
        participants[sid]?.dataBlobs[request.blob.key] = request.blob
        var response = Livekit_StoreDataBlobResponse()
        response.requestID = request.requestID
        response.key = request.blob.key
        signal(sid, .storeDataBlobResponse(response))
    }

    private func refusal(
        of request: Livekit_StoreDataBlobRequest, from sid: ParticipantSID
    ) -> Livekit_RequestResponse? {
        func refused(_ reason: Livekit_RequestResponse.Reason, _ message: String) -> Livekit_RequestResponse {
            var response = Livekit_RequestResponse()
            response.reason = reason
            response.message = message
            return response
        }
        guard rules.enablesDataBlobs else { return refused(.notAllowed, "data blobs are not enabled") }
        let key = request.blob.key
        guard key.size > 0, limits.allows(dataBlobKey: key.size) else {
            return refused(.invalidRequest, "the key of the data blob is empty or too long")
        }
        if case .schemaID(let schema) = key.key, !schema.hasSoundEncoding(limits) {
            return refused(.invalidRequest, "encoding identifier is empty or exceeds the maximum length")
        }
        guard !request.blob.contents.isEmpty else { return refused(.invalidRequest, "the data blob is empty") }
        // One of the same key makes room for itself.
        var blobs = participants[sid]?.dataBlobs ?? [:]
        blobs[key] = request.blob
        let total = blobs.reduce(0) { $0 + $1.key.size + $1.value.contents.count }
        guard blobs.count <= RoomBounds.dataBlobs, limits.allows(dataBlobs: total) else {
            return refused(.limitExceeded, "data blobs exceed the limit")
        }
        return nil
    }

    /// `get_data_blob_request`.
    mutating func getDataBlob(_ request: Livekit_GetDataBlobRequest, from sid: ParticipantSID) {
        var refusal = Livekit_RequestResponse()
        refusal.requestID = request.requestID
        guard request.hasKey else {
            refusal.reason = .invalidRequest
            refusal.message = "a data blob's key is required"
            return answer(sid, refusal)
        }
        let publisher = sidByIdentity[request.participantIdentity].flatMap { participants[$0] }
        guard let blob = publisher?.dataBlobs[request.key] else {
            refusal.reason = .notFound
            refusal.message = publisher == nil ? "participant not found" : "data blob not found"
            return answer(sid, refusal)
        }
        var response = Livekit_GetDataBlobResponse()
        response.requestID = request.requestID
        response.blob = blob
        signal(sid, .getDataBlobResponse(response))
    }
}

extension Livekit_DataBlobKey {
    /// The bytes of its names.
    fileprivate var size: Int {
        switch key {
        case .generic(let name): name.utf8.count
        case .schemaID(let schema):
            if case .custom(let encoding) = schema.encoding.value {
                schema.name.utf8.count + encoding.utf8.count
            } else {
                schema.name.utf8.count
            }
        case nil: 0
        }
    }
}
