package import LiveKitCore

/// How a NAT treats UDP, in the terms of RFC 4787.
package struct NATBehaviour: Hashable, Sendable {
    /// On what of the remote end something depends.
    package enum Dependence: Hashable, Sendable {
        case endpointIndependent
        case addressDependent
        case addressAndPortDependent

        /// The part of `remote` that matters, or `nil` when none does.
        func key(of remote: TransportAddress) -> TransportAddress? {
            switch self {
            case .endpointIndependent: nil
            case .addressDependent: remote.with(port: 0)
            case .addressAndPortDependent: remote
            }
        }
    }

    /// Whether another destination gets another external port (§4.1).
    package var mapping: Dependence
    /// From whom datagrams are let in (§5).
    package var filtering: Dependence
    /// How long a mapping lives without traffic; §4.3 wants two minutes at least, many have thirty seconds.
    package var timeout: MediaDuration
    /// Whether datagrams from outside keep a mapping alive, too (§4.3, REQ-6).
    package var isRefreshedFromOutside = true
    /// Whether inside hosts reach one another by their external addresses (§6).
    package var hairpins = false

    package init(mapping: Dependence, filtering: Dependence, timeout: MediaDuration = .seconds(120)) {
        self.mapping = mapping
        self.filtering = filtering
        self.timeout = timeout
    }

    package static let fullCone = NATBehaviour(mapping: .endpointIndependent, filtering: .endpointIndependent)
    package static let addressRestricted = NATBehaviour(mapping: .endpointIndependent, filtering: .addressDependent)
    package static let portRestricted = NATBehaviour(
        mapping: .endpointIndependent, filtering: .addressAndPortDependent)
    package static let symmetric = NATBehaviour(
        mapping: .addressAndPortDependent, filtering: .addressAndPortDependent)
}
