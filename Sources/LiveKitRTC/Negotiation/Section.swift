internal import LiveKitCore

/// One `m=` section as both sides know it, at an index that it keeps for ever.
struct Section: Hashable, Sendable {
    /// Empty for a refused section that never had a name.
    var mid: String
    var kind: SectionKind
    /// The `m=` line, for a refused section.
    var media: String
    var transportProtocol: String
    var formats: [String]
    var isRejected = false
    /// What our last description said.
    var local = LocalContent()

    /// What a description of ours says of a section of media.
    struct LocalContent: Hashable, Sendable {
        /// As we see it.
        var direction = MediaDirection.inactive
        var codecs: [RTPCodec] = []
        var extensions: [HeaderExtensionMapping] = []
        var sender: SenderParameters?
        /// The rids that we offer to send.
        var sentRIDs: [String] = []
        /// The rids that we take, in an answer.
        var receivedRIDs: [String] = []
        var usesReducedSizeRTCP = true
    }

    /// A section that we open.
    init(mid: String, kind: SectionKind) {
        self.mid = mid
        self.kind = kind
        switch kind {
        case .audio, .video, .unsupported:
            media = kind == .audio ? "audio" : "video"
            transportProtocol = "UDP/TLS/RTP/SAVPF"
            formats = []
        case .application:
            media = "application"
            transportProtocol = "UDP/DTLS/SCTP"
            formats = ["webrtc-datachannel"]
        }
    }

    /// A section that the peer opened.
    init(_ remote: RemoteSection) {
        mid = remote.mid ?? ""
        kind = remote.kind
        media = remote.media
        transportProtocol = remote.transportProtocol
        formats = remote.formats
    }

    var usesLegacySCTP: Bool { transportProtocol == "DTLS/SCTP" }
}
