internal import LiveKitCore

/// One page of an Ogg stream: a run of segments, which packets are strung together from.
///
/// ```
///  0 "OggS"   4 version 0   5 flags   6 granule position (8)   14 serial   18 sequence   22 CRC
/// 26 segment count   27 segment sizes …   bodies …                            (little-endian)
/// ```
///
/// - SeeAlso: [RFC 3533 §6](https://www.rfc-editor.org/rfc/rfc3533#section-6).
struct OggPage: Hashable {
    static let headerSize = 27
    static let maximumSegments = 255
    /// The granule position of a page on which no packet ends.
    static let noPosition: Int64 = -1

    var isContinued = false
    var isFirst = false
    var isLast = false
    var granulePosition = OggPage.noPosition
    var serial: UInt32 = 0
    var sequence: UInt32 = 0
    /// The sizes of the segments: 255 goes on, less ends a packet.
    var segmentSizes: [UInt8] = []
    var body: [UInt8] = []

    init() {}

    /// Reads the next page; `nil` at the end of the file.
    init?(reading source: ByteSource) throws(ContainerError) {
        let head = try source.read(upTo: Self.headerSize)
        if head.isEmpty { return nil }
        guard head.count == Self.headerSize else {
            throw ContainerError(.truncated, "The file ends in a page's header.")
        }
        let checksum: UInt32
        do throws(WireError) {
            var reader = ByteReader(head.rawSpan)
            guard try reader.readString(4) == "OggS", try reader.read(UInt8.self) == 0 else {
                throw WireError.invalid(.version)
            }
            let flags: UInt8 = try reader.read()
            isContinued = flags & 1 != 0
            isFirst = flags & 2 != 0
            isLast = flags & 4 != 0
            granulePosition = try reader.readLittleEndian()
            serial = try reader.readLittleEndian()
            sequence = try reader.readLittleEndian()
            checksum = try reader.readLittleEndian()
        } catch {
            throw ContainerError(.corrupt, "No Ogg page begins at byte \(source.offset - head.count): \(error).")
        }
        segmentSizes = try source.read(exactly: Int(head[26]), of: "a page's segment table")
        body = try source.read(exactly: segmentSizes.reduce(0) { $0 + Int($1) }, of: "a page")
        guard Self.checksum(head[..<22] + [0, 0, 0, 0] + head[26...] + segmentSizes + body) == checksum else {
            throw ContainerError(.corrupt, "The checksum of page \(sequence) is wrong.")
        }
    }

    func encoded() -> [UInt8] {
        precondition(segmentSizes.count <= Self.maximumSegments, "a page has at most 255 segments")
        var writer = ByteWriter(capacity: Self.headerSize + segmentSizes.count + body.count)
        writer.write(utf8: "OggS")
        writer.write(UInt8(0))
        writer.write(UInt8((isContinued ? 1 : 0) | (isFirst ? 2 : 0) | (isLast ? 4 : 0)))
        writer.write(littleEndian: granulePosition)
        writer.write(littleEndian: serial)
        writer.write(littleEndian: sequence)
        writer.write(zeros: 4)
        writer.write(UInt8(segmentSizes.count))
        writer.write(bytes: segmentSizes)
        writer.write(bytes: body)
        writer.overwrite(Self.checksum(writer.bytes).byteSwapped, at: 22)
        return writer.bytes
    }

    /// The CRC of RFC 3533 §6: polynomial 0x04C11DB7, not mirrored, initially 0.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var value: UInt32 = 0
        for byte in bytes { value = value << 8 ^ table[Int(UInt8(truncatingIfNeeded: value >> 24) ^ byte)] }
        return value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index) << 24
        for _ in 0..<8 { value = value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        return value
    }
}
