package import LiveKitCore

/// What a transceiver sends.
package struct SenderParameters: Hashable, Sendable {
    /// One RTP stream.
    package struct Encoding: Hashable, Sendable {
        /// Its name, when there are several encodings of the picture.
        package var rid: String?
        package var ssrc: SSRC
        /// The stream of its retransmissions.
        package var rtxSSRC: SSRC?
        /// The stream of its repair packets (FlexFEC); only where there is one encoding.
        package var fecSSRC: SSRC?

        package init(rid: String? = nil, ssrc: SSRC, rtxSSRC: SSRC? = nil, fecSSRC: SSRC? = nil) {
            self.rid = rid
            self.ssrc = ssrc
            self.rtxSSRC = rtxSSRC
            self.fecSSRC = fecSSRC
        }
    }

    /// The msid's stream: LiveKit's `PA_…|TR_…`.
    package var streamID: String
    /// The msid's track.
    package var trackID: String
    package var cname: String
    /// With rids: a simulcast by rid (only in our offers). Without: the streams by SSRC.
    package var encodings: [Encoding]
    /// The codecs allowed, by name and in order of preference; none for all.
    package var codecs: [String]

    package init(streamID: String, trackID: String, cname: String, encodings: [Encoding], codecs: [String] = []) {
        self.streamID = streamID
        self.trackID = trackID
        self.cname = cname
        self.encodings = encodings
        self.codecs = codecs
    }

    /// The rids, when every encoding has one.
    var rids: [String] {
        let rids = encodings.compactMap(\.rid)
        return rids.count == encodings.count ? rids : []
    }
}

/// How a section that the peer offers shall be answered.
package struct SectionPreferences: Hashable, Sendable {
    /// The codecs allowed, by name and in order of preference; none for all, in the usual order.
    package var codecs: [String]
    /// Parameters to put over those offered, by codec name: LiveKit answers Opus with `stereo=1` or `usedtx=1`
    /// as the publisher announced its track.
    package var formatParameters: [String: FormatParameters]

    package init(codecs: [String] = [], formatParameters: [String: FormatParameters] = [:]) {
        self.codecs = codecs
        self.formatParameters = formatParameters
    }
}
