internal import LiveKitCore

/// Writes a description of ours from what was decided.
struct LocalDescription {
    let origin: SessionDescription.Origin
    let transport: LocalTransportParameters
    let setup: SDPSetup
    let isICELite: Bool
    let allowsMixedExtensions: Bool
    /// Whether to write a BUNDLE group; an answer has one only where the offer had.
    let hasBundle: Bool

    func text(_ sections: [Section]) throws(NegotiationError) -> String {
        let accepted = sections.filter { !$0.isRejected }
        var session = SDPAttributes()
        if hasBundle, !accepted.isEmpty {
            session.append(SDPGroup(semantics: "BUNDLE", mids: accepted.map(\.mid)))
        }
        if isICELite { session.isICELite = true }
        if allowsMixedExtensions { session.allowsMixedExtensions = true }
        session.append(SDPMediaStreamSemantic(streams: ["*"]))

        let tagged = sections.firstIndex { !$0.isRejected }
        let description = SessionDescription(
            origin: origin, attributes: session,
            media: sections.indices.map { media(sections[$0], carriesCandidates: $0 == tagged) })
        do {
            return try description.encoded()
        } catch {
            throw .unwritable(error)
        }
    }

    private func media(_ section: Section, carriesCandidates: Bool) -> MediaDescription {
        var media = MediaDescription(
            media: section.media, transportProtocol: section.transportProtocol, formats: section.formats)
        media.connections = [ConnectionData()]
        guard !section.isRejected else {
            media.port = 0
            // The grammar wants a format, whatever it is.
            if media.formats.isEmpty { media.formats = ["0"] }
            media.attributes.direction = .inactive
            if !section.mid.isEmpty { media.attributes.mid = section.mid }
            return media
        }
        writeTransport(&media.attributes, carriesCandidates: carriesCandidates)
        media.attributes.mid = section.mid
        switch section.kind {
        case .audio, .video: writeMedia(&media, section.local)
        case .application: writeData(&media.attributes, isLegacy: section.usesLegacySCTP)
        case .unsupported: break
        }
        return media
    }

    /// The transport stands in every section; the candidates in the first, which speaks for the bundle.
    private func writeTransport(_ attributes: inout SDPAttributes, carriesCandidates: Bool) {
        if carriesCandidates {
            for candidate in transport.candidates {
                let hasPrefix = candidate.hasPrefix("candidate:")
                attributes.append("candidate", hasPrefix ? String(candidate.dropFirst(10)) : candidate)
            }
            if transport.isGatheringComplete { attributes.hasEndOfCandidates = true }
        }
        attributes.iceUfrag = transport.ufrag
        attributes.icePassword = transport.password
        attributes.iceOptions = ["trickle", "renomination"]
        for fingerprint in transport.fingerprints { attributes.append(fingerprint) }
        attributes.setup = setup
    }

    private func writeData(_ attributes: inout SDPAttributes, isLegacy: Bool) {
        if isLegacy {
            attributes.append("sctpmap", "\(NegotiationLimits.sctpPort) webrtc-datachannel 65535")
        } else {
            attributes.sctpPort = NegotiationLimits.sctpPort
        }
        attributes.maxMessageSize = NegotiationLimits.maxMessageSize
    }
}

extension LocalDescription {
    private func writeMedia(_ media: inout MediaDescription, _ content: Section.LocalContent) {
        media.formats = content.codecs.flatMap { codec in
            [codec.payloadType, codec.rtxPayloadType].compactMap { $0.map { String($0) } }
        }
        media.attributes.append("rtcp", "9 IN IP4 0.0.0.0")
        for mapping in content.extensions {
            media.attributes.append(
                SDPExtensionMap(id: UInt16(mapping.id), uri: mapping.uri, direction: mapping.direction))
        }
        media.attributes.direction = content.direction
        if let sender = content.sender, content.direction.sends {
            media.attributes.append(SDPMediaStreamID(stream: sender.streamID, track: sender.trackID))
        }
        media.attributes.hasRTCPMux = true
        if content.usesReducedSizeRTCP { media.attributes.hasReducedSizeRTCP = true }
        for codec in content.codecs { writeCodec(&media.attributes, codec) }
        writeStreams(&media.attributes, content)
    }

    private func writeCodec(_ attributes: inout SDPAttributes, _ codec: RTPCodec) {
        attributes.append(
            SDPRTPMap(
                payloadType: codec.payloadType, encodingName: codec.name, clockRate: codec.clockRate,
                channels: codec.channels > 1 ? codec.channels : nil))
        for message in codec.feedback {
            attributes.append(SDPFeedback(payloadType: codec.payloadType, message: message))
        }
        if !codec.formatParameters.isEmpty {
            attributes.append(
                SDPFormatParameters(payloadType: codec.payloadType, parameters: codec.formatParameters))
        }
        guard let rtx = codec.rtxPayloadType else { return }
        attributes.append(SDPRTPMap(payloadType: rtx, encodingName: "rtx", clockRate: codec.clockRate))
        attributes.append(
            SDPFormatParameters(payloadType: rtx, parameters: FormatParameters("apt=\(codec.payloadType)")))
    }

    /// Encodings by rid where there are several, else the stream by its SSRC, as libwebrtc likes to have it.
    private func writeStreams(_ attributes: inout SDPAttributes, _ content: Section.LocalContent) {
        for rid in content.sentRIDs { attributes.append(SDPRestrictionID(id: rid, direction: .send)) }
        for rid in content.receivedRIDs { attributes.append(SDPRestrictionID(id: rid, direction: .receive)) }
        let send = content.sentRIDs.map { [SDPSimulcast.Encoding($0)] }
        let receive = content.receivedRIDs.map { [SDPSimulcast.Encoding($0)] }
        if !send.isEmpty || !receive.isEmpty {
            attributes.append(SDPSimulcast(send: send, receive: receive))
        }

        guard content.direction.sends, content.sentRIDs.isEmpty, let sender = content.sender,
            let encoding = sender.encodings.first
        else { return }
        let hasRTX = content.codecs.contains { $0.rtxPayloadType != nil }
        let rtxSSRC = hasRTX ? encoding.rtxSSRC : nil
        if let rtxSSRC {
            attributes.append(SDPSourceGroup(semantics: "FID", ssrcs: [encoding.ssrc, rtxSSRC]))
        }
        let fecSSRC = content.codecs.contains(where: \.isFlexFEC) ? encoding.fecSSRC : nil
        if let fecSSRC {
            attributes.append(SDPSourceGroup(semantics: "FEC-FR", ssrcs: [encoding.ssrc, fecSSRC]))
        }
        for ssrc in [encoding.ssrc, rtxSSRC, fecSSRC].compactMap({ $0 }) {
            attributes.append(SDPSourceAttribute(ssrc: ssrc, "cname", sender.cname))
            attributes.append(SDPSourceAttribute(ssrc: ssrc, "msid", "\(sender.streamID) \(sender.trackID)"))
        }
    }
}
