package import LiveKitCore

/// What the peer says of its side of the transport.
package struct RemoteTransportParameters: Hashable, Sendable {
    package var ufrag: String
    package var password: String
    package var isICELite: Bool
    package var iceOptions: [String]
    package var fingerprints: [SDPFingerprint]
    package var setup: SDPSetup?
    /// `candidate:…` texts of component 1.
    package var candidates: [String]
    package var hasEndOfCandidates: Bool
    /// `nil` without an accepted data section.
    package var sctpPort: UInt16?
    /// The largest message that the peer takes, 0 for any; `nil` without an accepted data section.
    package var maxMessageSize: UInt64?
}

extension RemoteTransportParameters {
    /// Reads the transport of one section; what stands in the session's part holds for all (RFC 8839 §5.4).
    init(_ section: SDPAttributes, session: SDPAttributes) throws(NegotiationError) {
        guard let ufrag = section.iceUfrag ?? session.iceUfrag,
            let password = section.icePassword ?? session.icePassword
        else { throw .missingICECredentials }
        let fingerprints = section.fingerprints.isEmpty ? session.fingerprints : section.fingerprints
        guard !fingerprints.isEmpty else { throw .missingFingerprint }
        self.init(
            ufrag: ufrag, password: password, isICELite: session.isICELite || section.isICELite,
            iceOptions: section.iceOptions.isEmpty ? session.iceOptions : section.iceOptions,
            fingerprints: fingerprints, setup: section.setup ?? session.setup,
            candidates: Self.candidates(session.candidates + section.candidates),
            hasEndOfCandidates: section.hasEndOfCandidates || session.hasEndOfCandidates)
    }

    /// RTCP shares the port of RTP, so component 2 is of no use.
    private static func candidates(_ all: [String]) -> [String] {
        let first = all.filter { $0.split(separator: " ").dropFirst().first == "1" }
        return first.prefix(NegotiationLimits.remoteCandidates).map { "candidate:\($0)" }
    }

    /// Whether `other` announces an ICE restart against this (RFC 8839 §4.4.1.1.1).
    func isRestarted(by other: RemoteTransportParameters) -> Bool {
        ufrag != other.ufrag || password != other.password
    }
}
