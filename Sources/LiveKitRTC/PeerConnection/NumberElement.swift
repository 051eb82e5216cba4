internal import LiveKitCore

/// The header extension of a packet that carries one element and no other: what a forwarder writes, and what is found
/// without parsing when the packet leaves.
///
/// ```
///  12   0xBE 0xDE   0x00 0x01          one word follows (RFC 8285 §4.2)
///  16   ID   L      value     padding  the element: its length less one, then two or three bytes
/// ```
package struct NumberElement {
    /// The size of a header with the extension: a bare one, eight bytes more.
    package static let headerSize = 20
    static let valueOffset = 17
    private static let profileOffset = 12
    private static let elementOffset = 16
    private static let profile: UInt32 = 0xBEDE_0001

    /// The element's id and length as they stand in the packet; zero for none.
    let head: UInt8

    /// The transport-wide sequence number, two bytes. Ids beyond 14 do not fit the form and give none.
    init(id: UInt8) {
        head = (1...14).contains(id) ? id << 4 | 1 : 0
    }

    /// The absolute send time, three bytes.
    init(timeID id: UInt8) {
        head = (1...14).contains(id) ? id << 4 | 2 : 0
    }

    package static let none = Self(id: 0)

    package var isNone: Bool { head == 0 }

    /// Writes the extension without its value behind a bare header, and says that it is there.
    @_lifetime(span: copy span)
    package func write(to span: inout MutableRawSpan) {
        span.store(networkInteger: UInt8(0x90), at: 0)
        span.store(networkInteger: Self.profile, at: Self.profileOffset)
        span.store(networkInteger: UInt32(head) << 24, at: Self.elementOffset)
    }

    /// Whether a packet that we built has the extension of ``write(to:)``, whatever else its first byte says.
    func isAlone(in packet: RawSpan) -> Bool {
        guard head != 0, packet.byteCount >= Self.headerSize else { return false }
        return unsafe packet.unsafeLoad(fromByteOffset: 0, as: UInt8.self) & 0xDF == 0x90
            && packet.unsafeLoad(fromByteOffset: Self.elementOffset, as: UInt8.self) == head
            && UInt32(
                bigEndian: packet.unsafeLoadUnaligned(fromByteOffset: Self.profileOffset, as: UInt32.self))
                == Self.profile
    }
}
