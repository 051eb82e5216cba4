/// What stands before the repair bits in a FlexFEC packet, as libwebrtc speaks it: masks that reach over packets of
/// one stream.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |R|F|P|X|  CC   |M| PT recovery |        length recovery        |
/// |                          TS recovery                          |
/// |   SSRC count  |                    reserved                   |
/// |                     SSRC of what is protected                 |
/// |            SN base            |k|          mask 0-14          |
/// |k|                         mask 15-45                          |  if the first k is clear
/// |k|                         mask 46-108                         |  if the second is clear too, 64 bits
/// ```
///
/// - SeeAlso: draft-ietf-payload-flexible-fec-scheme-03 §4.2.
package struct FlexFECHeader: Hashable, Sendable {
    /// The XOR of the first two octets of the RTP headers, without the version.
    package var flagsRecovery: UInt16
    /// The XOR of the sizes behind the fixed RTP header.
    package var lengthRecovery: UInt16
    /// The XOR of the timestamps.
    package var timestampRecovery: UInt32
    /// The stream that is protected.
    package var protected: SSRC
    /// The number that the mask counts from.
    package var base: SequenceNumber
    package var mask: FlexFECMask

    /// The size without the mask.
    package static let fixedSize = 18
    /// The fixed part of the RTP headers that are protected: what is behind it is XORed as it is.
    package static let protectedHeaderSize = 12
    /// The bits of ``flagsRecovery`` where an RTP header has its version.
    package static let versionBits: UInt16 = 0xC000

    package init(
        flagsRecovery: UInt16, lengthRecovery: UInt16, timestampRecovery: UInt32, protected: SSRC,
        base: SequenceNumber, mask: FlexFECMask
    ) {
        self.flagsRecovery = flagsRecovery
        self.lengthRecovery = lengthRecovery
        self.timestampRecovery = timestampRecovery
        self.protected = protected
        self.base = base
        self.mask = mask
    }

    /// The header's size in bytes: where the repair bits start.
    package var encodedSize: Int { Self.fixedSize + mask.encodedSize }

    /// Reads the header of an RTP payload and returns it with its size, which masks with needless parts make larger
    /// than ``encodedSize``. Retransmissions (R), fixed masks (F) and several streams throw.
    package static func parse(_ payload: RawSpan) throws(WireError) -> (header: FlexFECHeader, size: Int) {
        var reader = ByteReader(payload)
        let flags: UInt16 = try reader.read()
        guard flags & versionBits == 0 else { throw .invalid(.type) }
        let length: UInt16 = try reader.read()
        let timestamp: UInt32 = try reader.read()
        guard try reader.read(UInt8.self) == 1 else { throw .invalid(.count) }
        try reader.skip(3)
        let protected = SSRC(rawValue: try reader.read())
        let base = SequenceNumber(rawValue: try reader.read())
        let mask = try FlexFECMask(parsing: &reader)
        guard !mask.isEmpty else { throw .invalid(.mask) }
        let header = FlexFECHeader(
            flagsRecovery: flags, lengthRecovery: length, timestampRecovery: timestamp, protected: protected,
            base: base, mask: mask)
        return (header, reader.offset)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(flagsRecovery & ~Self.versionBits)
        writer.write(lengthRecovery)
        writer.write(timestampRecovery)
        writer.write(UInt32(1) << 24)
        writer.write(protected.rawValue)
        writer.write(base.rawValue)
        mask.write(to: &writer)
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: encodedSize)
        write(to: &writer)
        return writer.bytes
    }
}
