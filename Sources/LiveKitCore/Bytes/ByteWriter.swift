/// Builds a packet in network order.
///
/// For control packets (STUN, RTCP, SCTP), a few each second; the forwarding path rewrites headers in
/// place instead and never comes here.
package struct ByteWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    package var count: Int { bytes.count }

    /// Appends an integer in network order.
    package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            shift -= 8
        }
    }

    /// Appends an integer in little-endian order.
    package mutating func write<Value: FixedWidthInteger>(littleEndian value: Value) {
        write(value.byteSwapped)
    }

    /// Appends the low 24 bits of `value`.
    package mutating func writeUInt24(_ value: UInt32) {
        write(UInt8(truncatingIfNeeded: value >> 16))
        write(UInt16(truncatingIfNeeded: value))
    }

    package mutating func write(bytes other: some Sequence<UInt8>) {
        bytes.append(contentsOf: other)
    }

    package mutating func write(span: RawSpan) {
        unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    package mutating func write(utf8 text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func write(zeros count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// Appends zeros until the length is a multiple of `alignment`.
    package mutating func pad(to alignment: Int) {
        let excess = bytes.count % alignment
        if excess != 0 { write(zeros: alignment - excess) }
    }

    /// Replaces the integer written at `offset`, for lengths known only at the end.
    ///
    /// - Precondition: the bytes from `offset` on were written before.
    package mutating func overwrite<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        let size = Value.bitWidth / 8
        precondition(offset >= 0 && offset + size <= bytes.count, "overwriting past the end")
        for index in 0..<size {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> Value((size - 1 - index) * 8))
        }
    }
}
