internal import LiveKitCore

/// What the peer said of itself in INIT or INIT ACK, as far as it matters afterwards.
struct PeerDescription: Hashable {
    var tag: UInt32
    var initialTSN: TSN
    var receiverWindow: UInt32
    var inboundStreams: UInt16
    var capabilities: PeerCapabilities
}

/// The extensions that the peer understands.
struct PeerCapabilities: OptionSet, Hashable {
    var rawValue: UInt16

    /// RFC 3758.
    static let forwardTSN = Self(rawValue: 1)
    /// RFC 6525.
    static let reconfiguration = Self(rawValue: 2)
    /// RFC 9653, with DTLS as the better check.
    static let zeroChecksum = Self(rawValue: 4)
    /// RFC 8260. With it, everything is interleaved.
    static let interleaving = Self(rawValue: 8)
    /// RFC 8260 §2.3: giving up interleaved messages.
    static let interleavedForwardTSN = Self(rawValue: 16)

    /// Whether messages may be given up.
    var allowsAbandoning: Bool { contains(contains(.interleaving) ? .interleavedForwardTSN : .forwardTSN) }
}

extension PeerCapabilities {
    /// Reads the chunk types that the peer names as extensions.
    init(chunkTypes: [UInt8]) {
        self = []
        if chunkTypes.contains(ForwardTSNChunk.type) { insert(.forwardTSN) }
        if chunkTypes.contains(ReconfigurationChunk.type) { insert(.reconfiguration) }
        if chunkTypes.contains(InterleavedDataChunk.type) { insert(.interleaving) }
        if chunkTypes.contains(InterleavedForwardTSNChunk.type) { insert(.interleavedForwardTSN) }
    }
}

extension PeerDescription {
    /// Reads a description; `unrecognized` gets the parameters that the peer wants to be told we do not know.
    init(_ description: AssociationDescription, unrecognized: inout [SCTPParameter]) {
        tag = description.initiateTag
        initialTSN = description.initialTSN
        receiverWindow = description.receiverWindow
        inboundStreams = description.inboundStreams
        capabilities = []
        for parameter in description.parameters {
            switch parameter {
            case .forwardTSNSupported:
                capabilities.insert(.forwardTSN)
            case .supportedExtensions(let supported):
                capabilities.formUnion(PeerCapabilities(chunkTypes: supported.chunkTypes))
            case .zeroChecksumAcceptable(let acceptable):
                if acceptable.method == ZeroChecksumAcceptableParameter.dtlsMethod {
                    capabilities.insert(.zeroChecksum)
                }
            case .unknown(let unknown):
                // A report must leave room for the cookie in one packet.
                if unknown.action.reports, unknown.value.count <= 64 {
                    unrecognized.append(.unrecognized(UnrecognizedParameter(parameter: unknown.encoded())))
                }
                guard unknown.action.continues else { return }
            case .stateCookie, .unrecognized, .outgoingResetRequest, .incomingResetRequest,
                .reconfigurationResponse:
                break
            }
        }
    }
}
