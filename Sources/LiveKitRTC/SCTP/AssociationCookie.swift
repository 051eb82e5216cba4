internal import LiveKitCore

/// What the responder of a handshake entrusts to the initiator: both ends of the association to be.
///
/// It travels inside DTLS and comes back to the same value, so instead of a keyed hash it carries a random
/// secret of the association, and never an address or a pointer.
///
/// - SeeAlso: [RFC 9260 §5.1.3](https://www.rfc-editor.org/rfc/rfc9260#section-5.1.3).
struct AssociationCookie: Hashable {
    var secret: UInt64
    var localTag: UInt32
    var localInitialTSN: TSN
    var peer: PeerDescription
    /// Identifies the association that existed when the cookie was made; zero for none.
    var tieTag: UInt64

    init(secret: UInt64, localTag: UInt32, localInitialTSN: TSN, peer: PeerDescription, tieTag: UInt64) {
        self.secret = secret
        self.localTag = localTag
        self.localInitialTSN = localInitialTSN
        self.peer = peer
        self.tieTag = tieTag
    }

    init(parsing bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes.rawSpan)
        secret = try reader.read()
        tieTag = try reader.read()
        localTag = try reader.read()
        localInitialTSN = TSN(rawValue: try reader.read())
        peer = PeerDescription(
            tag: try reader.read(), initialTSN: TSN(rawValue: try reader.read()),
            receiverWindow: try reader.read(), inboundStreams: try reader.read(),
            capabilities: PeerCapabilities(rawValue: try reader.read()))
        guard reader.isAtEnd else { throw .invalid(.length) }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 40)
        writer.write(secret)
        writer.write(tieTag)
        writer.write(localTag)
        writer.write(localInitialTSN.rawValue)
        writer.write(peer.tag)
        writer.write(peer.initialTSN.rawValue)
        writer.write(peer.receiverWindow)
        writer.write(peer.inboundStreams)
        writer.write(peer.capabilities.rawValue)
        return writer.bytes
    }
}
