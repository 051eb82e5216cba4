/// Which payload types and extension ids mean what, over all sections that share the transport: none may
/// change its meaning while the connection lives (RFC 9143 §9.1, RFC 8829 §5.2.2).
struct PayloadTypeRegistry: Hashable, Sendable {
    private var identities: [UInt8: CodecIdentity] = [:]
    private var payloadTypes: [CodecIdentity: UInt8] = [:]
    private var extensionIDs: [String: UInt8] = [:]
    private var extensionURIs: [UInt8: String] = [:]

    /// Notes what the peer chose.
    mutating func learn(_ codecs: [RTPCodec]) {
        for codec in codecs {
            assign(codec.payloadType, to: CodecIdentity(codec))
            if let rtx = codec.rtxPayloadType {
                assign(rtx, to: CodecIdentity(retransmissionsOf: codec.payloadType, clockRate: codec.clockRate))
            }
        }
    }

    /// Notes what the peer chose.
    mutating func learn(_ extensions: [HeaderExtensionMapping]) {
        for mapping in extensions {
            extensionIDs[mapping.uri] = mapping.id
            extensionURIs[mapping.id] = mapping.uri
        }
    }

    /// Our codecs under the payload types to offer: those in use, else those preferred, else free ones.
    mutating func offer(_ capabilities: [CodecCapability]) -> [RTPCodec] {
        var codecs: [RTPCodec] = []
        for capability in capabilities {
            var codec = capability
            guard let payloadType = payloadType(for: CodecIdentity(capability), preferred: capability.payloadType)
            else { continue }
            codec.payloadType = payloadType
            codec.rtxPayloadType = capability.rtxPayloadType.flatMap { preferred in
                let identity = CodecIdentity(retransmissionsOf: payloadType, clockRate: capability.clockRate)
                return self.payloadType(for: identity, preferred: preferred)
            }
            codecs.append(codec)
        }
        return codecs
    }

    /// Our extensions under the ids to offer.
    mutating func offer(extensions uris: [String]) -> [HeaderExtensionMapping] {
        uris.compactMap { uri in
            if let id = extensionIDs[uri] { return HeaderExtensionMapping(id: id, uri: uri) }
            // The one-byte form has room for 14 (RFC 8285 §4.2).
            guard let id = (1...14).first(where: { extensionURIs[$0] == nil }) else { return nil }
            let mapping = HeaderExtensionMapping(id: id, uri: uri)
            learn([mapping])
            return mapping
        }
    }

    private mutating func payloadType(for identity: CodecIdentity, preferred: UInt8) -> UInt8? {
        if let payloadType = payloadTypes[identity], identities[payloadType] == identity { return payloadType }
        // The dynamic range, then what RFC 5761 §4 leaves below the RTCP packet types.
        let free = [preferred] + Array(96...127) + Array(35...63)
        guard let payloadType = free.first(where: { identities[$0] == nil }) else { return nil }
        assign(payloadType, to: identity)
        return payloadType
    }

    private mutating func assign(_ payloadType: UInt8, to identity: CodecIdentity) {
        identities[payloadType] = identity
        if payloadTypes[identity].flatMap({ identities[$0] }) != identity { payloadTypes[identity] = payloadType }
    }
}
