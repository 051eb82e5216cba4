internal import LiveKitCore

/// One section of the peer's description, read.
struct RemoteSection: Hashable, Sendable {
    let mid: String?
    let kind: SectionKind
    /// The `m=` line, to be repeated in an answer.
    let media: String
    let transportProtocol: String
    let formats: [String]
    let isRejected: Bool
    /// As the peer sees it.
    let direction: MediaDirection
    let codecs: [RTPCodec]
    let extensions: [HeaderExtensionMapping]
    let parameters: RemoteMediaParameters
    let hasRTCPMux: Bool
    let hasReducedSizeRTCP: Bool
    /// The rids that the peer wants to receive.
    let receivedRIDs: [String]
    let sctpPort: UInt16
    let maxMessageSize: UInt64
    let attributes: SDPAttributes

    init(_ section: MediaDescription, session: SDPAttributes) {
        attributes = section.attributes
        mid = attributes.mid
        kind = SectionKind(media: section.media)
        media = section.media
        transportProtocol = section.transportProtocol
        formats = section.formats
        isRejected = section.port == 0 && !attributes.contains("bundle-only")
        direction = attributes.direction ?? session.direction ?? .sendrecv
        codecs = Self.codecs(section)
        extensions = Self.extensions(session.extensionMaps + attributes.extensionMaps)
        parameters = RemoteMediaParameters(attributes)
        hasRTCPMux = attributes.hasRTCPMux || session.hasRTCPMux
        hasReducedSizeRTCP = attributes.hasReducedSizeRTCP || session.hasReducedSizeRTCP
        receivedRIDs = (attributes.simulcast?.receive ?? []).compactMap(\.first?.id)
        sctpPort = attributes.sctpPort ?? Self.legacySCTPPort(section) ?? NegotiationLimits.sctpPort
        maxMessageSize = attributes.maxMessageSize ?? NegotiationLimits.defaultMaxMessageSize
    }

    /// Whether we could take the section at all.
    var isSupported: Bool {
        switch kind {
        case .audio, .video: hasRTCPMux && transportProtocol.hasSuffix("RTP/SAVPF")
        case .application: transportProtocol.hasSuffix("DTLS/SCTP")
        case .unsupported: false
        }
    }

    /// `m=application 9 DTLS/SCTP 5000` with `sctpmap`, as before RFC 8841: aiortc offers it still.
    var usesLegacySCTP: Bool { transportProtocol == "DTLS/SCTP" }

    private static func legacySCTPPort(_ section: MediaDescription) -> UInt16? {
        section.formats.first.flatMap { UInt16($0) }
    }

    private static func extensions(_ maps: [SDPExtensionMap]) -> [HeaderExtensionMapping] {
        var seen: Set<String> = []
        return maps.compactMap { map in
            guard let id = UInt8(exactly: map.id), id != 15, seen.insert(map.uri).inserted else { return nil }
            return HeaderExtensionMapping(id: id, uri: map.uri, direction: map.direction)
        }
    }
}

extension RemoteSection {
    /// The codecs in the order of the `m=` line, each with its retransmissions.
    private static func codecs(_ section: MediaDescription) -> [RTPCodec] {
        let attributes = section.attributes
        let maps = Dictionary(attributes.rtpMaps.map { ($0.payloadType, $0) }) { first, _ in first }
        var parameters: [UInt8: FormatParameters] = [:]
        for line in attributes.formatParameters {
            if let payloadType = line.payloadType, parameters[payloadType] == nil {
                parameters[payloadType] = line.parameters
            }
        }
        var feedback: [UInt8: [String]] = [:]
        var commonFeedback: [String] = []
        for line in attributes.feedback {
            if let payloadType = line.payloadType {
                feedback[payloadType, default: []].append(line.message)
            } else {
                commonFeedback.append(line.message)
            }
        }

        var codecs: [RTPCodec] = []
        var retransmissions: [UInt8: UInt8] = [:]
        var seen: Set<UInt8> = []
        for format in section.formats {
            guard let payloadType = UInt8(format), seen.insert(payloadType).inserted,
                let map = maps[payloadType] ?? staticMap(payloadType)
            else { continue }
            if map.encodingName.lowercased() == "rtx" {
                guard let primary = parameters[payloadType]?["apt"].flatMap({ UInt8($0) }) else { continue }
                if retransmissions[primary] == nil { retransmissions[primary] = payloadType }
                continue
            }
            codecs.append(
                RTPCodec(
                    payloadType: payloadType, name: map.encodingName, clockRate: map.clockRate,
                    channels: map.channels ?? 1, formatParameters: parameters[payloadType] ?? FormatParameters(),
                    feedback: feedback[payloadType, default: []] + commonFeedback))
        }
        for index in codecs.indices { codecs[index].rtxPayloadType = retransmissions[codecs[index].payloadType] }
        return codecs
    }

    /// The payload types that need no `rtpmap` (RFC 3551 §6), as far as WebRTC knows them.
    private static func staticMap(_ payloadType: UInt8) -> SDPRTPMap? {
        switch payloadType {
        case 0: SDPRTPMap(payloadType: 0, encodingName: "PCMU", clockRate: 8000)
        case 8: SDPRTPMap(payloadType: 8, encodingName: "PCMA", clockRate: 8000)
        case 9: SDPRTPMap(payloadType: 9, encodingName: "G722", clockRate: 8000)
        default: nil
        }
    }
}
