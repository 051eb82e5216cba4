internal import LiveKitPSRPC
internal import LiveKitProtobuf

// What an ingress must be so that a worker can serve it. The order and the texts of the checks are LiveKit's.

extension Livekit_IngressInfo {
    /// Checks what is stored, which may still lack its room.
    func validate() throws(RPCError) {
        switch inputType {
        case .rtmpInput, .whipInput:
            guard !streamKey.isEmpty else { throw .invalidIngress("no stream key") }
        case .urlInput:
            guard !url.isEmpty else { throw .invalidIngress("no source URL") }
            guard !hasEnabled || enabled else { throw .invalidIngress("disabled non reusable ingress") }
        case .UNRECOGNIZED:
            throw .invalidIngress("unsupported input type")
        }
        guard !participantIdentity.isEmpty else { throw .invalidIngress("no participant identity") }
        try validateBypass()
        try validateTranscoding()
        if hasVideo { try video.validate() }
        if hasAudio { try audio.validate() }
    }

    /// Checks what starts at once.
    func validateForStart() throws(RPCError) {
        guard !roomName.isEmpty else { throw .invalidIngress("no room name") }
        try validate()
    }

    /// Whether media is decoded and encoded anew where nobody says: WHIP alone can do without.
    private var transcodes: Bool { hasEnableTranscoding ? enableTranscoding : inputType != .whipInput }

    private func validateBypass() throws(RPCError) {
        guard bypassTranscoding else { return }
        guard inputType == .whipInput else { throw .transcodingNeeded }
        try validateNoEncoding("if transcoding bypass is selected")
    }

    private func validateTranscoding() throws(RPCError) {
        guard !transcodes else { return }
        guard inputType == .whipInput else { throw .transcodingNeeded }
        try validateNoEncoding("if transcoding is disabled")
    }

    private func validateNoEncoding(_ reason: String) throws(RPCError) {
        guard video.encodingOptions == nil else {
            throw .invalidTranscoding("video encoding options must be empty " + reason)
        }
        guard audio.encodingOptions == nil else {
            throw .invalidTranscoding("audio encoding options must be empty " + reason)
        }
    }

    /// Says outright what holds where nobody said, and the same in the older field.
    mutating func completeTranscoding() {
        let isStated = hasEnableTranscoding
        enableTranscoding = transcodes
        if isStated || inputType == .whipInput { bypassTranscoding = !enableTranscoding }
    }
}

extension RPCError {
    fileprivate static let transcodingNeeded = invalidTranscoding(
        "bypassing transcoding impossible with selected input type")
}

extension Livekit_IngressVideoOptions {
    fileprivate func validate() throws(RPCError) {
        switch source {
        case .unknown, .camera, .screenShare: break
        default: throw .invalidVideo("invalid track source")
        }
        switch encodingOptions {
        case nil: break
        case .preset(.UNRECOGNIZED): throw .invalidVideo("invalid preset")
        case .preset: break
        case .options(let options): try options.validate()
        }
    }
}

extension Livekit_IngressVideoEncodingOptions {
    fileprivate func validate() throws(RPCError) {
        guard frameRate >= 0 else { throw .invalidVideo("invalid framerate") }
        switch videoCodec {
        case .defaultVc, .h264Baseline, .vp8: break
        default: throw .invalidVideo("video codec unsupported")
        }
        var byQuality: [Livekit_VideoQuality: Livekit_VideoLayer] = [:]
        for layer in layers {
            guard layer.width > 0, layer.height > 0 else { throw .invalidVideo("invalid output media dimensions") }
            guard layer.width.isMultiple(of: 2) else { throw .invalidIngress("layer width must be even") }
            guard layer.height.isMultiple(of: 2) else { throw .invalidIngress("layer height must be even") }
            guard byQuality.updateValue(layer, forKey: layer.quality) == nil else {
                throw .invalidVideo("more than one layer with the same quality level")
            }
        }
        let rising = [Livekit_VideoQuality.low, .medium, .high].compactMap { byQuality[$0] }
        for (lower, higher) in zip(rising, rising.dropFirst()) {
            guard higher.height >= lower.height else {
                throw .invalidVideo("video layers do not have increasing height with increasing quality")
            }
            guard higher.width >= lower.width else {
                throw .invalidVideo("video layers do not have increasing width with increasing quality")
            }
        }
    }
}

extension Livekit_IngressAudioOptions {
    fileprivate func validate() throws(RPCError) {
        switch source {
        case .unknown, .microphone, .screenShareAudio: break
        default: throw .invalidAudio("invalid track source")
        }
        switch encodingOptions {
        case nil: break
        case .preset(.UNRECOGNIZED): throw .invalidAudio("invalid preset")
        case .preset: break
        case .options(let options):
            guard options.audioCodec == .defaultAc || options.audioCodec == .opus else {
                throw .invalidAudio("audio codec unsupported")
            }
            guard options.channels <= 2 else { throw .invalidAudio("invalid audio channel count") }
        }
    }
}
