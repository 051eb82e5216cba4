internal import LiveKitProtobuf

// What is recorded, without where it goes: the credentials of storage and the addresses of streams, in which their keys
// stand, are nobody's business who is only told of the egress. Workers leave them out of what they tell as well.

/// A request whose outputs are files, segments, images and streams.
private protocol EncodingEgressRequest {
    var fileOutputs: [Livekit_EncodedFileOutput] { get set }
    var segmentOutputs: [Livekit_SegmentedFileOutput] { get set }
    var imageOutputs: [Livekit_ImageOutput] { get set }
    var streamOutputs: [Livekit_StreamOutput] { get set }
}

extension EncodingEgressRequest {
    fileprivate mutating func clearStorage() {
        for index in fileOutputs.indices { fileOutputs[index].output = nil }
        for index in segmentOutputs.indices { segmentOutputs[index].output = nil }
        for index in imageOutputs.indices { imageOutputs[index].output = nil }
        for index in streamOutputs.indices {
            streamOutputs[index].urls = []
            streamOutputs[index].destinations = []
        }
    }
}

extension Livekit_RoomCompositeEgressRequest: EncodingEgressRequest {
    var withoutStorage: Self {
        var request = self
        request.output = nil
        request.clearStorage()
        return request
    }
}

extension Livekit_ParticipantEgressRequest: EncodingEgressRequest {
    var withoutStorage: Self {
        var request = self
        request.clearStorage()
        return request
    }
}

extension Livekit_TrackEgressRequest {
    var withoutStorage: Self {
        var request = self
        switch output {
        case .file: request.file.output = nil
        case .websocketURL, nil: request.output = nil
        }
        return request
    }
}
