internal import LiveKitProtobuf

// What is recorded, without where it goes: the credentials of storage and the addresses of streams, in which their keys
// stand, are nobody's business who is only told of the egress. Workers leave them out of what they tell as well.

extension Livekit_RoomCompositeEgressRequest {
    var withoutStorage: Self {
        var request = self
        request.output = nil
        request.fileOutputs = fileOutputs.map(\.withoutStorage)
        request.segmentOutputs = segmentOutputs.map(\.withoutStorage)
        request.imageOutputs = imageOutputs.map(\.withoutStorage)
        request.streamOutputs = streamOutputs.map(\.withoutStorage)
        return request
    }
}

extension Livekit_ParticipantEgressRequest {
    var withoutStorage: Self {
        var request = self
        request.fileOutputs = fileOutputs.map(\.withoutStorage)
        request.segmentOutputs = segmentOutputs.map(\.withoutStorage)
        request.imageOutputs = imageOutputs.map(\.withoutStorage)
        request.streamOutputs = streamOutputs.map(\.withoutStorage)
        return request
    }
}

extension Livekit_TrackEgressRequest {
    var withoutStorage: Self {
        var request = self
        switch output {
        case .file:
            request.file.output = nil
        case .websocketURL, nil:
            request.output = nil
        }
        return request
    }
}

extension Livekit_EncodedFileOutput {
    fileprivate var withoutStorage: Self {
        var output = self
        output.output = nil
        return output
    }
}

extension Livekit_SegmentedFileOutput {
    fileprivate var withoutStorage: Self {
        var output = self
        output.output = nil
        return output
    }
}

extension Livekit_ImageOutput {
    fileprivate var withoutStorage: Self {
        var output = self
        output.output = nil
        return output
    }
}

extension Livekit_StreamOutput {
    fileprivate var withoutStorage: Self {
        var output = self
        output.urls = []
        output.destinations = []
        return output
    }
}
