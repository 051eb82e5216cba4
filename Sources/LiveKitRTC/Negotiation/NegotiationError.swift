package import LiveKitCore

/// Why a description cannot be made or applied. The negotiator is then as it was before.
package enum NegotiationError: Error, Hashable, Sendable {
    /// The call does not fit the state.
    case wrongState(Negotiator.State)
    /// The text is no session description.
    case malformed(SDPError)
    /// A value of ours cannot be written.
    case unwritable(SDPError)
    /// More than ``NegotiationLimits/sections``, or what the configuration allows.
    case tooManySections
    /// A section without a name.
    case missingMID
    /// Two sections with one name.
    case duplicateMID
    /// Sections changed their number, order, name or kind against the descriptions before.
    case sectionsChanged
    /// No `ice-ufrag` or `ice-pwd`.
    case missingICECredentials
    /// No `fingerprint`.
    case missingFingerprint
    /// `setup` roles that do not meet.
    case setupConflict
    /// No transceiver of that id.
    case unknownTransceiver
}
