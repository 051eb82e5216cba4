internal import LiveKitCore

/// What an Allocate request asks for (RFC 8656 §7.1).
struct TURNAllocateWish {
    let transport: UInt8
    let family: TransportAddress.Family
    let additionalFamily: TransportAddress.Family?
    let wantsEvenPort: Bool
    let reservesNext: Bool
    let reservationToken: UInt64?
    let lifetime: UInt32?

    struct Refusal: Error {
        let code: STUNErrorCode
    }

    /// Reads the wish, or why it contradicts itself (RFC 8656 §7.2, steps 3 to 9).
    static func read(_ message: STUNMessage) -> Result<TURNAllocateWish, Refusal> {
        var transport: UInt8?
        var family: TransportAddress.Family?
        var additional: TransportAddress.Family?
        var even: Bool?
        var token: UInt64?
        for attribute in message.attributes {
            switch attribute {
            case .requestedTransport(let number): transport = transport ?? number
            case .requestedAddressFamily(let value): family = family ?? value
            case .additionalAddressFamily(let value): additional = additional ?? value
            case .evenPort(let reserves): even = even ?? reserves
            case .reservationToken(let value): token = token ?? value
            default: break
            }
        }
        guard let transport else { return .failure(Refusal(code: .badRequest)) }
        let contradictsToken = token != nil && (even != nil || family != nil || additional != nil)
        // An additional family goes with no other, is IPv6, and leaves no room for pairs of ports.
        let contradictsAdditional = additional != nil && (family != nil || additional == .ipv4 || even == true)
        guard !contradictsToken, !contradictsAdditional else { return .failure(Refusal(code: .badRequest)) }
        return .success(
            TURNAllocateWish(
                transport: transport, family: family ?? .ipv4, additionalFamily: additional,
                wantsEvenPort: even != nil, reservesNext: even == true, reservationToken: token,
                lifetime: message.lifetime))
    }
}
