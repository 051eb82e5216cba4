// Checked writes at an offset. A write that does not fit is refused and reported, never a trap.
extension MutableRawSpan {
    /// Stores an integer in network order, or returns `false` where it does not fit.
    @discardableResult
    @_lifetime(self: copy self)
    package mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(
        networkInteger value: Value, at offset: Int
    ) -> Bool {
        guard offset >= 0, offset <= byteCount - MemoryLayout<Value>.size else { return false }
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self)
        return true
    }

    /// Copies `source` to `offset`, or returns `false` where it does not fit.
    @discardableResult
    @_lifetime(self: copy self)
    package mutating func store(_ source: RawSpan, at offset: Int) -> Bool {
        let size = source.byteCount
        guard offset >= 0, offset <= byteCount - size else { return false }
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + size]).copyMemory(from: $0)
            }
        }
        return true
    }

    /// Moves `size` bytes within the span; the two places may overlap. `false` where they do not fit.
    @discardableResult
    @_lifetime(self: copy self)
    package mutating func move(from source: Int, to target: Int, size: Int) -> Bool {
        guard size >= 0, source >= 0, target >= 0, max(source, target) <= byteCount - size else { return false }
        guard size > 0 else { return true }
        unsafe withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe (base + target).copyMemory(from: base + source, byteCount: size)
        }
        return true
    }
}
