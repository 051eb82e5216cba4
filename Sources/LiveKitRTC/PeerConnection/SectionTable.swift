internal import LiveKitCore

/// What the packet path looks up of a negotiated session, in the shape that it looks it up by.
struct SectionTable {
    /// The ids of the header extensions that reception reads. In one bundle an id means one thing (RFC 8843 §9.2).
    struct ExtensionIDs {
        var mid: UInt8?
        var rid: UInt8?
        var repairedRID: UInt8?
        var transportSequence: UInt8?
        var absoluteSendTime: UInt8?
        var audioLevel: UInt8?
    }

    /// What the sender's congestion control wants to hear.
    enum Feedback {
        /// When each packet arrived (transport-wide feedback).
        case transport
        /// What the receiver makes of it (REMB).
        case estimate
        case none
    }

    private(set) var extensions = ExtensionIDs()
    /// Of all sections, since they share their path.
    private(set) var feedback = Feedback.none
    /// Accepted media sections that receive.
    private(set) var receiving: [NegotiatedSection] = []
    private var bySSRC: [SSRC: (section: Int, rid: Int?)] = [:]
    private(set) var repairs: [SSRC: SSRC] = [:]
    /// Streams of forward error correction, and what they protect.
    private(set) var corrections: [SSRC: SSRC] = [:]

    mutating func update(_ session: NegotiatedSession) {
        receiving = session.sections.filter { !$0.isRejected && $0.kind != .application && $0.direction.receives }
        extensions = ExtensionIDs()
        bySSRC = [:]
        repairs = [:]
        corrections = [:]
        func hasAgreed(on name: String) -> Bool {
            receiving.contains { $0.codecs.contains { $0.feedback.contains(name) } }
        }
        feedback = hasAgreed(on: "transport-cc") ? .transport : hasAgreed(on: "goog-remb") ? .estimate : .none
        for (position, section) in receiving.enumerated() {
            for mapping in section.extensions { note(mapping) }
            let isCorrected = section.codecs.contains(where: \.isFlexFEC)
            for source in section.remote?.sources ?? [] {
                bySSRC[source.ssrc] = (position, section.remote?.simulcastGroup.firstIndex(of: source.ssrc))
                if let repair = source.rtxSSRC { repairs[repair] = source.ssrc }
                if isCorrected, let correction = source.fecSSRC { corrections[correction] = source.ssrc }
            }
        }
    }

    private mutating func note(_ mapping: HeaderExtensionMapping) {
        switch mapping.uri {
        case RTPHeaderExtensionURI.mediaIdentification: extensions.mid = mapping.id
        case RTPHeaderExtensionURI.streamIdentifier: extensions.rid = mapping.id
        case RTPHeaderExtensionURI.repairedStreamIdentifier: extensions.repairedRID = mapping.id
        case RTPHeaderExtensionURI.transportSequenceNumber: extensions.transportSequence = mapping.id
        case RTPHeaderExtensionURI.absoluteSendTime: extensions.absoluteSendTime = mapping.id
        case RTPHeaderExtensionURI.audioLevel: extensions.audioLevel = mapping.id
        default: break
        }
    }

    /// The section that announced the SSRC, and the place in its simulcast group.
    func announced(_ ssrc: SSRC) -> (section: NegotiatedSection, layer: Int?)? {
        guard let (position, layer) = bySSRC[ssrc], receiving.indices.contains(position) else { return nil }
        return (receiving[position], layer)
    }

    func section(mid: String) -> NegotiatedSection? {
        receiving.first { $0.mid == mid }
    }

    /// The only section that could own a payload type; a last resort (RFC 8843 §9.2).
    func soleSection(payloadType: UInt8) -> NegotiatedSection? {
        var found: Int?
        for index in receiving.indices {
            // A section that lists its SSRCs has no others.
            guard receiving[index].remote?.sources.isEmpty ?? true,
                receiving[index].codecs.contains(where: {
                    $0.payloadType == payloadType || $0.rtxPayloadType == payloadType
                })
            else { continue }
            guard found == nil else { return nil }
            found = index
        }
        return found.map { receiving[$0] }
    }
}
