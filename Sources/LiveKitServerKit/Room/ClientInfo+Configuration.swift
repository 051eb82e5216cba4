internal import LiveKitProtobuf

// What a client is told to leave alone, by its browser and device: LiveKit's static configuration.

extension Livekit_ClientInfo {
    /// The codecs that its browser or device says it has, and is bad at.
    var disabledCodecs: Livekit_DisabledCodecs {
        var disabled = Livekit_DisabledCodecs()
        if isSafari {
            disabled.codecs = [Livekit_Codec(mime: "video/AV1")]
            if Self.isVersion(browserVersion, above: [18, 3]) { disabled.publish = [Livekit_Codec(mime: "video/VP9")] }
        }
        if encodesH264Badly { disabled.publish = [Livekit_Codec(mime: "video/H264")] }
        return disabled
    }

    private var encodesH264Badly: Bool {
        let system = os.lowercased()
        if isFirefox { return system == "linux" || system == "android" }
        return system == "android" && deviceModel.lowercased() == "xiaomi 2201117ti"
    }

    /// What it may publish of what the room allows: VP8 first and H.264 next, where backups are looked for, and video
    /// before audio.
    func publishCodecs(of enabled: [Livekit_Codec]) -> [Livekit_Codec] {
        let disabled = disabledCodecs
        let names = Set((disabled.codecs + disabled.publish).map { $0.mime.lowercased() })
        let allowed = enabled.filter {
            !names.contains($0.mime.lowercased()) && !$0.mime.lowercased().hasSuffix("/rtx")
        }
        let ranks = allowed.map { codec in
            switch codec.mime.lowercased() {
            case "video/vp8": 0
            case "video/h264": 1
            case let mime: mime.hasPrefix("video/") ? 2 : 3
            }
        }
        // Stable, so that the operator's order holds within a rank.
        return (0...3).flatMap { rank in zip(allowed, ranks).filter { $0.1 == rank }.map(\.0) }
    }
}

extension Livekit_ClientInfo {
    /// What it may be sent of what the room allows.
    func subscribeCodecs(of enabled: [Livekit_Codec]) -> [Livekit_Codec] {
        let names = Set(disabledCodecs.codecs.map { $0.mime.lowercased() })
        return enabled.filter { !names.contains($0.mime.lowercased()) }
    }
}

extension [Livekit_Codec] {
    /// As `vp8` for `video/VP8`; `nil` where none is named, which allows all.
    var names: Set<String>? {
        isEmpty ? nil : Set(map { String($0.mime.lowercased().split(separator: "/").last ?? "") })
    }
}

extension Livekit_Codec {
    fileprivate init(mime: String) {
        self.init()
        self.mime = mime
    }
}
