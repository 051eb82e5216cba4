package import LiveKitCore

extension ICECandidate {
    /// `2^24 type preference + 2^8 local preference + (256 - component)` for component 1 (RFC 8445 §5.1.2.1).
    package static func priority(kind: Kind, tcpType: TCPType?, preference: UInt16) -> UInt32 {
        let type: UInt32 = typePreference(kind, isTCP: tcpType != nil)
        var local = UInt32(preference)
        if let tcpType {
            // Three bits of direction above thirteen of preference (RFC 6544 §4.2).
            let direction: UInt32 =
                switch tcpType {
                case .active: 6
                case .passive: 4
                case .simultaneousOpen: 2
                }
            local = direction << 13 | local >> 3
        }
        return type << 24 | local << 8 | 255
    }

    /// What a check sent from this candidate proposes as the priority of a peer-reflexive one (RFC 8445 §7.1.1).
    var peerReflexivePriority: UInt32 {
        Self.typePreference(.peerReflexive, isTCP: transport == .tcp) << 24 | priority & 0xFF_FFFF
    }

    /// RFC 8445 §5.1.2.2. TCP stands below every direct UDP candidate: media over it suffers.
    private static func typePreference(_ kind: Kind, isTCP: Bool) -> UInt32 {
        switch kind {
        case .host: isTCP ? 90 : 126
        case .peerReflexive: isTCP ? 80 : 110
        case .serverReflexive: isTCP ? 75 : 100
        case .relayed: 0
        }
    }

    /// The same for candidates of the same kind, base address and transport (RFC 8445 §5.1.1.3).
    package static func foundation(kind: Kind, base: TransportAddress, transport: ICETransport) -> String {
        let text = Array("\(kind.rawValue) \(base.host) \(transport.name)".utf8)
        return String(CRC32.checksum(of: text.rawSpan))
    }
}
