internal import LiveKitProtobuf
internal import Tracing

extension SignalSocket {
    /// Hands a client's request to the room, in a span of the trace that its join belongs to.
    func receive(_ message: Livekit_SignalRequest.OneOf_Message) async {
        await withSpan("livekit.signal", context: session.context ?? .topLevel, ofKind: .server) { span in
            if span.isRecording {
                span.attributes[TraceAttribute.room] = session.roomName
                span.attributes[TraceAttribute.participant] = session.participant.rawValue
                span.attributes[TraceAttribute.message] = Mirror(reflecting: message).children.first?.label ?? ""
                if let track = message.track { span.attributes[TraceAttribute.track] = track }
            }
            await session.deliver(message)
        }
    }
}

extension Livekit_SignalRequest.OneOf_Message {
    /// The track that a request is about, the first one of several.
    fileprivate var track: String? {
        switch self {
        case .mute(let request): request.sid
        case .trackSetting(let request): request.trackSids.first
        case .subscription(let request): request.trackSids.first
        case .updateAudioTrack(let request): request.trackSid
        case .updateVideoTrack(let request): request.trackSid
        default: nil
        }
    }
}
