/// What a peer may have OpenSSL keep of its handshake messages: room for a whole message is allocated as soon as one
/// fragment of it is here, up to ten messages ahead of the one that is waited for.
///
/// A peer's seven messages are small but for a chain of certificates. One message may be as large as that, the others
/// not, which together are less than 64 KiB; whatever is forged, small messages always get through.
///
/// ```
/// 0     type
/// 1...3 length of the message
/// 4.5   number of the message
/// 6...8 offset of the fragment
/// 9..11 length of the fragment
/// ```
///
/// - SeeAlso: [RFC 6347 §4.2.2](https://www.rfc-editor.org/rfc/rfc6347#section-4.2.2).
struct HandshakeAllowance {
    private static let headerSize = 12

    /// The number of the one message that claimed to be large.
    private var largeMessage: UInt16?

    /// Whether all fragments in the content of a plaintext handshake record keep to the bounds.
    mutating func admits(_ content: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < content.count {
            guard offset + Self.headerSize <= content.count else { return false }
            let word = unsafe UInt32(bigEndian: content.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let number = unsafe UInt16(bigEndian: content.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self))
            let start = unsafe UInt32(bigEndian: content.loadUnaligned(fromByteOffset: offset + 5, as: UInt32.self))
            let tail = unsafe UInt32(bigEndian: content.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
            let length = Int(word & 0xFF_FFFF)
            let size = Int(tail & 0xFF_FFFF)
            // A fragment of nothing is no news, and OpenSSL would take it for the whole message.
            guard size > 0 || length == 0, Int(start & 0xFF_FFFF) + size <= length,
                admits(length: length, number: number)
            else { return false }
            offset += Self.headerSize + size
        }
        return offset == content.count
    }

    private mutating func admits(length: Int, number: UInt16) -> Bool {
        guard number < DTLSLimits.handshakeMessages, length <= DTLSLimits.largeMessageSize else { return false }
        guard length > DTLSLimits.messageSize else { return true }
        if largeMessage == nil { largeMessage = number }
        return largeMessage == number
    }
}
