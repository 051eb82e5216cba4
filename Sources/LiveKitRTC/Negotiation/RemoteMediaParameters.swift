package import LiveKitCore

/// What the peer says of the media it sends in one section.
package struct RemoteMediaParameters: Hashable, Sendable {
    /// One RTP stream and those that repair it.
    package struct Source: Hashable, Sendable {
        package var ssrc: SSRC
        package var rtxSSRC: SSRC?
        /// The stream of its repair packets (FlexFEC, RFC 5956 §4.3 for the group).
        package var fecSSRC: SSRC?

        package init(ssrc: SSRC, rtxSSRC: SSRC? = nil, fecSSRC: SSRC? = nil) {
            self.ssrc = ssrc
            self.rtxSSRC = rtxSSRC
            self.fecSSRC = fecSSRC
        }
    }

    /// The msid's stream; `nil` for none.
    package var streamID: String?
    /// The msid's track.
    package var trackID: String?
    package var cname: String?
    /// The streams announced by SSRC, in the order of the simulcast group where there is one.
    package var sources: [Source] = []
    /// The SSRCs of `ssrc-group:SIM`, lowest layer first.
    package var simulcastGroup: [SSRC] = []
    /// The encodings announced by rid, in the order of `simulcast`.
    package var rids: [String] = []

    package init() {}
}

extension RemoteMediaParameters {
    init(_ attributes: SDPAttributes) {
        let sourceAttributes = attributes.sourceAttributes
        let msid =
            attributes.mediaStreamIDs.first
            ?? sourceAttributes.first { $0.attribute.name == "msid" }
            .flatMap { SDPMediaStreamID(attributeValue: $0.attribute.value ?? "") }
        streamID = msid.flatMap { $0.stream == "-" ? nil : $0.stream }
        trackID = msid?.track
        cname = sourceAttributes.first { $0.attribute.name == "cname" }?.attribute.value
        readSources(attributes, named: sourceAttributes.map(\.ssrc))
        rids = Self.sentRIDs(attributes)
    }

    private mutating func readSources(_ attributes: SDPAttributes, named: [SSRC]) {
        let groups = attributes.sourceGroups
        simulcastGroup = groups.first { $0.semantics == "SIM" }?.ssrcs ?? []
        var retransmissions: [SSRC: SSRC] = [:]
        var corrections: [SSRC: SSRC] = [:]
        var secondary: Set<SSRC> = []
        for group in groups where group.semantics == "FID" || group.semantics == "FEC-FR" {
            guard let primary = group.ssrcs.first, let second = group.ssrcs.dropFirst().first else { continue }
            if group.semantics == "FID" {
                retransmissions[primary] = second
            } else {
                corrections[primary] = second
            }
            secondary.insert(second)
        }
        var seen = secondary
        for ssrc in simulcastGroup + named + groups.flatMap(\.ssrcs) where seen.insert(ssrc).inserted {
            sources.append(Source(ssrc: ssrc, rtxSSRC: retransmissions[ssrc], fecSSRC: corrections[ssrc]))
        }
    }

    /// The rids that are sent: of each stream of `simulcast` its first alternative, or without that line all.
    private static func sentRIDs(_ attributes: SDPAttributes) -> [String] {
        let sent = attributes.restrictionIDs.filter { $0.direction == .send }.map(\.id)
        let streams = attributes.simulcast?.send.compactMap(\.first?.id) ?? sent
        var seen: Set<String> = []
        let rids = streams.filter { sent.contains($0) && seen.insert($0).inserted }
        return Array(rids.prefix(NegotiationLimits.simulcastEncodings))
    }
}
