/// Which of the 109 packets from a base number on a FlexFEC packet protects.
package struct FlexFECMask: Hashable, Sendable {
    /// How many packets the longest mask reaches over.
    package static let capacity = 109

    /// The first packet is the highest bit, as on the wire.
    private var bits: UInt128

    /// Protects nothing.
    package init() {
        bits = 0
    }

    /// Protects the packets at those distances from the base; those that no mask reaches are left out.
    package init(offsets: some Sequence<Int>) {
        bits = 0
        for offset in offsets { insert(offset) }
    }

    package var isEmpty: Bool { bits == 0 }
    /// How many packets are protected.
    package var count: Int { bits.nonzeroBitCount }
    /// The distance of the first packet protected.
    package var first: Int? { isEmpty ? nil : bits.leadingZeroBitCount }
    /// The distance of the last packet protected.
    package var last: Int? { isEmpty ? nil : 127 - bits.trailingZeroBitCount }

    package func contains(_ offset: Int) -> Bool {
        (0..<Self.capacity).contains(offset) && bits & Self.bit(offset) != 0
    }

    package mutating func insert(_ offset: Int) {
        if (0..<Self.capacity).contains(offset) { bits |= Self.bit(offset) }
    }

    package mutating func remove(_ offset: Int) {
        if (0..<Self.capacity).contains(offset) { bits &= ~Self.bit(offset) }
    }

    /// Takes the first packet out and returns its distance.
    package mutating func popFirst() -> Int? {
        guard let first else { return nil }
        bits &= ~Self.bit(first)
        return first
    }

    private static func bit(_ offset: Int) -> UInt128 { 1 << UInt128(127 - offset) }
}

// On the wire each part starts with a K bit: whether it is the last one.
extension FlexFECMask {
    /// The bits that the three parts hold.
    private static let partSizes = (first: 15, second: 31, third: 63)

    /// The mask's size on the wire: 2, 6 or 14 bytes.
    package var encodedSize: Int {
        switch last ?? 0 {
        case ..<Self.partSizes.first: 2
        case ..<(Self.partSizes.first + Self.partSizes.second): 6
        default: 14
        }
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        bits = 0
        let first: UInt16 = try reader.read()
        bits |= UInt128(first & 0x7FFF) << 113
        guard first >> 15 == 0 else { return }
        let second: UInt32 = try reader.read()
        bits |= UInt128(second & 0x7FFF_FFFF) << 82
        guard second >> 31 == 0 else { return }
        let third: UInt64 = try reader.read()
        bits |= UInt128(third & 0x7FFF_FFFF_FFFF_FFFF) << 19
        guard third >> 63 == 1 else { throw .invalid(.mask) }
    }

    func write(to writer: inout ByteWriter) {
        let size = encodedSize
        let first = UInt16(truncatingIfNeeded: bits >> 113)
        writer.write(size == 2 ? first | 1 << 15 : first)
        guard size > 2 else { return }
        let second = UInt32(truncatingIfNeeded: bits >> 82) & 0x7FFF_FFFF
        writer.write(size == 6 ? second | 1 << 31 : second)
        guard size > 6 else { return }
        writer.write(UInt64(truncatingIfNeeded: bits >> 19) | 1 << 63)
    }
}

extension WireError.Field {
    /// The mask of the packets that a repair packet protects.
    public static let mask = Self("mask")
}
