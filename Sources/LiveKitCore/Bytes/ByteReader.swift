/// A forward-only cursor over bytes that somebody else owns, in network order.
///
/// The reader borrows: it is `~Escapable`, so the compiler rejects any attempt to keep it (or a slice
/// taken from it) longer than the datagram it points into. It allocates nothing (``readBytes(_:)`` and
/// ``readString(_:)`` apart) and traps on nothing: each read either succeeds or throws ``WireError`` with
/// the offset at which the input ran out.
package struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    /// Bytes consumed so far.
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// Bytes not yet consumed.
    package var remaining: Int { bytes.byteCount - offset }
    /// Whether everything was consumed.
    package var isAtEnd: Bool { remaining == 0 }

    /// Reads a big-endian (network order) integer.
    package mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type = Value.self
    ) throws(WireError) -> Value {
        let size = MemoryLayout<Value>.size
        try require(size)
        defer { offset += size }
        // `unsafe` is about the bit pattern (any is valid for an integer); the span still checks its bounds.
        return unsafe Value(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Reads a little-endian integer, as file formats (IVF, Ogg) and SCTP's checksum use.
    package mutating func readLittleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type = Value.self
    ) throws(WireError) -> Value {
        try read(Value.self).byteSwapped
    }

    /// Reads a 24-bit big-endian integer.
    package mutating func readUInt24() throws(WireError) -> UInt32 {
        try require(3)
        let high: UInt8 = try read()
        let low: UInt16 = try read()
        return UInt32(high) << 16 | UInt32(low)
    }

    /// Looks at the byte `distance` bytes ahead without consuming it.
    package func peek(at distance: Int = 0) throws(WireError) -> UInt8 {
        guard distance >= 0, distance < remaining else {
            throw .truncated(needed: distance &+ 1, available: remaining, offset: offset)
        }
        return unsafe bytes.unsafeLoad(fromByteOffset: offset + distance, as: UInt8.self)
    }

    /// Moves on by `count` bytes.
    package mutating func skip(_ count: Int) throws(WireError) {
        try require(count)
        offset += count
    }

    /// Splits off the next `count` bytes as a reader of their own.
    @_lifetime(copy self)
    package mutating func split(_ count: Int) throws(WireError) -> ByteReader {
        try require(count)
        defer { offset += count }
        return ByteReader(bytes.extracting(offset..<offset + count))
    }

    /// Splits off the next `count` bytes as a span.
    @_lifetime(copy self)
    package mutating func readSpan(_ count: Int) throws(WireError) -> RawSpan {
        try require(count)
        defer { offset += count }
        return bytes.extracting(offset..<offset + count)
    }

    /// Copies the next `count` bytes out.
    package mutating func readBytes(_ count: Int) throws(WireError) -> [UInt8] {
        let span = try readSpan(count)
        return [UInt8](copying: span)
    }

    /// Copies everything that is left out.
    package mutating func readRemaining() -> [UInt8] {
        let span = bytes.extracting(offset..<bytes.byteCount)
        offset = bytes.byteCount
        return [UInt8](copying: span)
    }

    /// Reads `count` bytes of UTF-8; malformed sequences become replacement characters.
    package mutating func readString(_ count: Int) throws(WireError) -> String {
        String(decoding: try readBytes(count), as: UTF8.self)
    }

    private func require(_ count: Int) throws(WireError) {
        guard count >= 0, count <= remaining else {
            throw .truncated(needed: count, available: remaining, offset: offset)
        }
    }
}
