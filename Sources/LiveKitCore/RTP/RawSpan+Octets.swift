// Checked reads at an offset, for the packet path: `nil` past the end, no cursor and no error to build.
extension RawSpan {
    /// The byte at `offset`, or `nil` where there is none.
    package func octet(at offset: Int) -> UInt8? {
        guard offset >= 0, offset < byteCount else { return nil }
        return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The integer in network order at `offset`, or `nil` where it does not fit.
    package func networkInteger<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as _: Value.Type = Value.self
    ) -> Value? {
        guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else { return nil }
        return unsafe Value(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// `size` bytes from `offset` on, cut where the span ends.
    @_lifetime(copy self)
    package func clamped(offset: Int, size: Int) -> RawSpan {
        let start = min(max(offset, 0), byteCount)
        return extracting(start..<start + min(max(size, 0), byteCount - start))
    }
}
