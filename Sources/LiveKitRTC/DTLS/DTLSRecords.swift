/// The records of one datagram (RFC 6347 §4.1), as far as they hold together.
///
/// ```
/// 0     type            20 change cipher spec, 21 alert, 22 handshake, 23 application data
/// 1...2 version         FE FF (1.0, in a first ClientHello), FE FD (1.2)
/// 3...4 epoch           0 in clear
/// 5..10 sequence number
/// 11.12 length          of what follows
/// ```
struct DTLSRecords {
    struct Record {
        var type: UInt8
        var epoch: UInt16
        /// Header and content.
        var range: Range<Int>

        static let headerSize = 13

        var isPlaintext: Bool { epoch == 0 }
        var isAlert: Bool { type == 21 }
        var isHandshake: Bool { type == 22 }
        var isApplicationData: Bool { type == 23 }
    }

    private var offset = 0

    /// The next record of `datagram`, or `nil` at its end or where garbage begins.
    mutating func next(in datagram: UnsafeRawBufferPointer) -> Record? {
        guard offset + Record.headerSize <= datagram.count else { return nil }
        let type = unsafe datagram[offset]
        let version = unsafe UInt16(bigEndian: datagram.loadUnaligned(fromByteOffset: offset + 1, as: UInt16.self))
        let epoch = unsafe UInt16(bigEndian: datagram.loadUnaligned(fromByteOffset: offset + 3, as: UInt16.self))
        let length = unsafe UInt16(bigEndian: datagram.loadUnaligned(fromByteOffset: offset + 11, as: UInt16.self))
        let end = offset + Record.headerSize + Int(length)
        guard (20...23).contains(type), version == 0xFEFF || version == 0xFEFD, end <= datagram.count else {
            return nil
        }
        defer { offset = end }
        return Record(type: type, epoch: epoch, range: offset..<end)
    }
}
