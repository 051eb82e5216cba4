internal import LiveKitCore

/// What one end can send and receive, in its order of preference.
package struct MediaCapabilities: Hashable, Sendable {
    package var audio: [CodecCapability]
    package var video: [CodecCapability]
    /// The header extensions of audio, by URI; offered ids follow the order.
    package var audioExtensions: [String]
    package var videoExtensions: [String]

    package init(
        audio: [CodecCapability], video: [CodecCapability], audioExtensions: [String], videoExtensions: [String]
    ) {
        self.audio = audio
        self.video = video
        self.audioExtensions = audioExtensions
        self.videoExtensions = videoExtensions
    }

    /// The same without the codecs of those names.
    package func removing(codecs names: [String]) -> MediaCapabilities {
        let names = Set(names.map { $0.lowercased() })
        var copy = self
        copy.audio.removeAll { names.contains($0.name.lowercased()) }
        copy.video.removeAll { names.contains($0.name.lowercased()) }
        return copy
    }

    /// The same with no other codecs than those of these names, in small letters; `nil` keeps all.
    package func keeping(codecs names: Set<String>?) -> MediaCapabilities {
        guard let names else { return self }
        return removing(codecs: (audio + video).map(\.name).filter { !names.contains($0.lowercased()) })
    }

    /// The same with transport-wide feedback for video, as LiveKit's server offers it where it estimates paths itself.
    package func addingTransportFeedback() -> MediaCapabilities {
        var copy = self
        for index in copy.video.indices where !copy.video[index].feedback.contains("transport-cc") {
            copy.video[index].feedback.append("transport-cc")
        }
        if !copy.videoExtensions.contains(RTPHeaderExtensionURI.transportSequenceNumber) {
            copy.videoExtensions.append(RTPHeaderExtensionURI.transportSequenceNumber)
        }
        return copy
    }

    /// The same with repair packets for video (FlexFEC-03), as libwebrtc announces them.
    package func addingForwardErrorCorrection() -> MediaCapabilities {
        var copy = self
        copy.video.removeAll(where: \.isFlexFEC)
        copy.video.append(
            CodecCapability(
                payloadType: 49, name: CodecCapability.flexFECName, clockRate: 90000,
                formatParameters: "repair-window=10000000", feedback: ["goog-remb", "transport-cc"]))
        return copy
    }

    func codecs(for kind: SectionKind) -> [CodecCapability] {
        switch kind {
        case .audio: audio
        case .video: video
        case .application, .unsupported: []
        }
    }

    func extensions(for kind: SectionKind) -> [String] {
        switch kind {
        case .audio: audioExtensions
        case .video: videoExtensions
        case .application, .unsupported: []
        }
    }
}

extension [CodecCapability] {
    /// Only the codecs of those names, in the order of the names, and what repairs them; all of them when there are no
    /// names.
    func preferring(_ names: [String]) -> [CodecCapability] {
        if names.isEmpty { return self }
        let named = names.flatMap { name in filter { $0.name.lowercased() == name.lowercased() } }
        return named.isEmpty ? [] : named + filter { $0.isFlexFEC && !named.contains($0) }
    }
}
