internal import LiveKitCore

// Payload types as LiveKit's server and clients know them: some clients compare them.

extension MediaCapabilities {
    /// What the server takes from publishers.
    package static let liveKitServerPublisher = MediaCapabilities(
        audio: audioCodecs(feedback: ["nack"]),
        video: videoCodecs(feedback: ["transport-cc", "ccm fir", "nack", "nack pli"], includesHighH264: true),
        audioExtensions: [
            RTPHeaderExtensionURI.mediaIdentification, RTPHeaderExtensionURI.streamIdentifier,
            RTPHeaderExtensionURI.repairedStreamIdentifier,
            RTPHeaderExtensionURI.audioLevel, RTPHeaderExtensionURI.absoluteCaptureTime,
        ],
        videoExtensions: [
            RTPHeaderExtensionURI.mediaIdentification, RTPHeaderExtensionURI.streamIdentifier,
            RTPHeaderExtensionURI.repairedStreamIdentifier,
            RTPHeaderExtensionURI.transportSequenceNumber, RTPHeaderExtensionURI.frameMarking,
            RTPHeaderExtensionURI.dependencyDescriptor, RTPHeaderExtensionURI.absoluteCaptureTime,
        ])

    /// What the server sends to subscribers; without high-profile H.264, which few of them decode in hardware.
    package static let liveKitServerSubscriber = MediaCapabilities(
        audio: audioCodecs(feedback: ["nack"]),
        video: videoCodecs(feedback: ["goog-remb", "ccm fir", "nack", "nack pli"], includesHighH264: false),
        audioExtensions: [RTPHeaderExtensionURI.absoluteCaptureTime, RTPHeaderExtensionURI.absoluteSendTime],
        videoExtensions: [
            RTPHeaderExtensionURI.dependencyDescriptor, RTPHeaderExtensionURI.absoluteCaptureTime,
            RTPHeaderExtensionURI.absoluteSendTime,
        ])

    /// What the server takes and sends where one connection does for both.
    package static let liveKitServerSingle = MediaCapabilities(
        audio: audioCodecs(feedback: ["nack"]),
        video: videoCodecs(
            feedback: ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], includesHighH264: true),
        audioExtensions: liveKitServerPublisher.audioExtensions + [RTPHeaderExtensionURI.absoluteSendTime],
        videoExtensions: liveKitServerPublisher.videoExtensions + [RTPHeaderExtensionURI.absoluteSendTime])

    /// What our client sends and receives, on both of its connections.
    package static let liveKitClient = MediaCapabilities(
        audio: audioCodecs(feedback: ["transport-cc", "nack"]),
        video: videoCodecs(
            feedback: ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], includesHighH264: true),
        audioExtensions: [
            RTPHeaderExtensionURI.audioLevel, RTPHeaderExtensionURI.absoluteSendTime,
            RTPHeaderExtensionURI.transportSequenceNumber,
            RTPHeaderExtensionURI.mediaIdentification,
        ],
        videoExtensions: [
            RTPHeaderExtensionURI.absoluteSendTime, RTPHeaderExtensionURI.transportSequenceNumber,
            RTPHeaderExtensionURI.mediaIdentification,
            RTPHeaderExtensionURI.streamIdentifier, RTPHeaderExtensionURI.repairedStreamIdentifier,
            RTPHeaderExtensionURI.dependencyDescriptor,
            RTPHeaderExtensionURI.playoutDelay,
        ])

    private static func audioCodecs(feedback: [String]) -> [CodecCapability] {
        [
            CodecCapability(
                payloadType: 111, name: "opus", clockRate: 48000, channels: 2,
                formatParameters: "minptime=10;useinbandfec=1", feedback: feedback),
            CodecCapability(
                payloadType: 63, name: "red", clockRate: 48000, channels: 2, formatParameters: "111/111"),
            CodecCapability(payloadType: 0, name: "PCMU", clockRate: 8000, feedback: feedback),
            CodecCapability(payloadType: 8, name: "PCMA", clockRate: 8000, feedback: feedback),
        ]
    }

    private static func videoCodecs(feedback: [String], includesHighH264: Bool) -> [CodecCapability] {
        func codec(_ payloadType: UInt8, _ name: String, _ parameters: FormatParameters = "") -> CodecCapability {
            CodecCapability(
                payloadType: payloadType, name: name, clockRate: 90000, formatParameters: parameters,
                feedback: feedback, rtxPayloadType: payloadType + 1)
        }
        func h264(_ payloadType: UInt8, _ profile: String, mode: Int) -> CodecCapability {
            codec(
                payloadType, "H264",
                FormatParameters("level-asymmetry-allowed=1;packetization-mode=\(mode);profile-level-id=\(profile)"))
        }
        return [
            codec(96, "VP8"),
            h264(108, "42e01f", mode: 1), h264(125, "42e01f", mode: 0),
            h264(102, "42001f", mode: 1), h264(104, "42001f", mode: 0),
            h264(106, "4d001f", mode: 1), h264(39, "4d001f", mode: 0),
        ] + (includesHighH264 ? [h264(123, "640032", mode: 1)] : []) + [
            codec(98, "VP9", "profile-id=0"), codec(100, "VP9", "profile-id=1"),
            codec(35, "AV1"),
            codec(116, "H265"),
        ]
    }
}
