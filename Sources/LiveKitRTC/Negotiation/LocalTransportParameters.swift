package import LiveKitCore

/// What our side of the transport says in a description.
package struct LocalTransportParameters: Hashable, Sendable {
    /// ICE's user fragment; a new one restarts ICE.
    package var ufrag: String
    package var password: String
    package var fingerprints: [SDPFingerprint]
    /// `candidate:…` texts, with or without that prefix.
    package var candidates: [String]
    /// Whether no more candidates will follow.
    package var isGatheringComplete: Bool

    package init(
        ufrag: String, password: String, fingerprints: [SDPFingerprint], candidates: [String] = [],
        isGatheringComplete: Bool = false
    ) {
        self.ufrag = ufrag
        self.password = password
        self.fingerprints = fingerprints
        self.candidates = candidates
        self.isGatheringComplete = isGatheringComplete
    }
}
