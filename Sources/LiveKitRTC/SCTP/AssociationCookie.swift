internal import COpenSSL
internal import LiveKitCore

/// What the responder of a handshake entrusts to the initiator: both ends of the association to be.
///
/// The responder remembers nothing but its key, so the cookie says when it was made and is authenticated by
/// HMAC-SHA256. It holds neither addresses nor pointers.
///
/// ```
/// | made at (8) | tie tag (8) | local tag, initial TSN (4 + 4) | peer (16) | HMAC-SHA256 (32) |
/// ```
///
/// - SeeAlso: [RFC 9260 §5.1.3](https://www.rfc-editor.org/rfc/rfc9260#section-5.1.3).
struct AssociationCookie: Hashable {
    var madeAt: MediaInstant
    /// Identifies the association that existed when the cookie was made; zero for none.
    var tieTag: UInt64
    var localTag: UInt32
    var localInitialTSN: TSN
    var peer: PeerDescription

    init(madeAt: MediaInstant, localTag: UInt32, localInitialTSN: TSN, peer: PeerDescription, tieTag: UInt64) {
        self.madeAt = madeAt
        self.localTag = localTag
        self.localInitialTSN = localInitialTSN
        self.peer = peer
        self.tieTag = tieTag
    }

    /// Reads a cookie that only the holder of `key` can have made.
    init(parsing bytes: [UInt8], key: Key) throws(WireError) {
        guard bytes.count > Key.tagSize else { throw .invalid(.length) }
        let content = Array(bytes.dropLast(Key.tagSize))
        guard key.isTag(Array(bytes.suffix(Key.tagSize)), of: content) else { throw .invalid(.cookie) }
        var reader = ByteReader(content.rawSpan)
        madeAt = MediaInstant(nanoseconds: try reader.read())
        tieTag = try reader.read()
        localTag = try reader.read()
        localInitialTSN = TSN(rawValue: try reader.read())
        peer = PeerDescription(
            tag: try reader.read(), initialTSN: TSN(rawValue: try reader.read()),
            receiverWindow: try reader.read(), inboundStreams: try reader.read(),
            capabilities: PeerCapabilities(rawValue: try reader.read()))
        guard reader.isAtEnd else { throw .invalid(.length) }
    }

    func encoded(key: Key) -> [UInt8] {
        var writer = ByteWriter(capacity: 40 + Key.tagSize)
        writer.write(madeAt.nanoseconds)
        writer.write(tieTag)
        writer.write(localTag)
        writer.write(localInitialTSN.rawValue)
        writer.write(peer.tag)
        writer.write(peer.initialTSN.rawValue)
        writer.write(peer.receiverWindow)
        writer.write(peer.inboundStreams)
        writer.write(peer.capabilities.rawValue)
        return writer.bytes + key.tag(of: writer.bytes)
    }
}

extension AssociationCookie {
    /// The key of a responder's cookies.
    struct Key {
        /// As long as HMAC-SHA256's tag, which a shorter one would weaken (RFC 2104 §3).
        static let size = 32
        static let tagSize = 32

        private let bytes: [UInt8]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        func tag(of content: [UInt8]) -> [UInt8] {
            var tag = [UInt8](repeating: 0, count: Self.tagSize)
            var size: UInt32 = 0
            let made = unsafe HMAC(EVP_sha256(), bytes, Int32(bytes.count), content, content.count, &tag, &size)
            precondition(unsafe made != nil && size == Self.tagSize, "HMAC-SHA256 cannot fail on bytes in memory")
            return tag
        }

        /// Compares in constant time.
        func isTag(_ candidate: [UInt8], of content: [UInt8]) -> Bool {
            let tag = tag(of: content)
            guard candidate.count == tag.count else { return false }
            return zip(candidate, tag).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}

extension WireError.Field {
    static let cookie = Self("cookie")
}
