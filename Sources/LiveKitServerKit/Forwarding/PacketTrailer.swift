/// What publishers may append to the last packet of a frame: times and numbers of frames, behind the encoded bytes.
///
/// ```
/// | fields, each octet inverted | length of all this, inverted | "LKTS" |
/// ```
enum PacketTrailer {
    private static let magic: [UInt8] = [0x4C, 0x4B, 0x54, 0x53]
    /// The length and the magic.
    private static let smallestSize = 5

    /// The bytes that it takes at the end of a payload, 0 where there is none.
    static func size(in payload: UnsafeRawBufferPointer) -> Int {
        guard payload.count >= smallestSize, unsafe payload.suffix(magic.count).elementsEqual(magic) else { return 0 }
        let size = unsafe Int(~payload[payload.count - smallestSize])
        return (smallestSize...payload.count).contains(size) ? size : 0
    }
}
