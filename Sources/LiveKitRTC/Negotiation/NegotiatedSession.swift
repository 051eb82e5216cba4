package import LiveKitCore

/// What a completed exchange of offer and answer means for the connection.
package struct NegotiatedSession: Hashable, Sendable {
    /// All sections in order, refused ones included.
    package var sections: [NegotiatedSection]
    /// The peer's transport; `nil` while every section is refused.
    package var remoteTransport: RemoteTransportParameters?
    /// Our side of the DTLS handshake.
    package var dtlsRole: Negotiator.DTLSRole
    /// Whether the peer's ICE credentials changed against the exchange before.
    package var isICERestart: Bool

    /// The accepted section of data channels.
    package var dataSection: NegotiatedSection? {
        sections.first { $0.kind == .application && !$0.isRejected }
    }
}

/// One section after a completed exchange.
package struct NegotiatedSection: Hashable, Sendable {
    package var index: Int
    /// Empty for a refused section that never had a name.
    package var mid: String
    package var kind: SectionKind
    /// As we see it.
    package var direction: MediaDirection
    /// The first is the one to send, RED apart.
    package var codecs: [NegotiatedCodec]
    package var extensions: [HeaderExtensionMapping]
    /// What the peer sends; `nil` when it sends nothing.
    package var remote: RemoteMediaParameters?
    /// The rids of our simulcast that the peer takes.
    package var sentRIDs: [String]
    /// RTCP packets need not be compound (RFC 5506).
    package var usesReducedSizeRTCP: Bool
    /// A refused section names its transceiver for the last time.
    package var transceiver: TransceiverID?
    package var isRejected: Bool

    /// The codec that redundant audio wraps: the first that its parameters name.
    package func primary(of red: NegotiatedCodec) -> NegotiatedCodec? {
        let first = red.formatParameters.entries.first?.name.split(separator: "/").first
        return first.flatMap { UInt8($0) }.flatMap { type in codecs.first { $0.payloadType == type && $0.isMedia } }
    }

    /// The payload type whose retransmissions come as `payloadType`.
    package func repairedType(of payloadType: UInt8) -> UInt8? {
        codecs.first { $0.rtxPayloadType == payloadType }?.payloadType
    }

    /// Redundant audio that wraps `codec`, if it was agreed on.
    package func redundancy(of codec: NegotiatedCodec) -> NegotiatedCodec? {
        codecs.first { $0.isRED && primary(of: $0)?.payloadType == codec.payloadType }
    }
}

/// A peer's offer, before it is answered.
package struct RemoteOffer: Hashable, Sendable {
    /// A section that can be accepted as far as its form goes.
    package struct Section: Hashable, Sendable {
        package var index: Int
        package var mid: String
        package var kind: SectionKind
        /// As the peer sees it.
        package var direction: MediaDirection
        /// The codecs offered, in the peer's order.
        package var codecs: [RTPCodec]
        package var remote: RemoteMediaParameters
        package var transceiver: TransceiverID?
    }

    package var sections: [Section]
    /// `nil` when there is nothing to accept.
    package var transport: RemoteTransportParameters?
    /// Whether the answer must carry ICE credentials of a new generation.
    package var isICERestart: Bool
}

/// Our answer, and what it settles.
package struct LocalAnswer: Hashable, Sendable {
    package var text: String
    package var session: NegotiatedSession
}
