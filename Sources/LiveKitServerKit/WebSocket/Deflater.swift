internal import CZlib

/// Compresses by DEFLATE (RFC 1951), one whole message at a time.
enum Deflater {
    /// zlib's fastest: signalling is small, and latency counts for more than bytes.
    private static let level: Int32 = 1
    private static let memoryLevel: Int32 = 8

    /// The message as blocks that end on a byte, without the empty last one (RFC 7692 §7.2.1); `nil` where zlib has no
    /// memory left.
    static func deflate(_ bytes: [UInt8], windowBits: Int32) -> [UInt8]? {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        defer { unsafe stream.deallocate() }
        let status = unsafe deflateInit2_(
            stream, level, Z_DEFLATED, -windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
        defer { unsafe deflateEnd(stream) }

        // What flushing adds to zlib's own bound: an empty block.
        let room = unsafe Int(deflateBound(stream, uLong(bytes.count))) + 16
        var outcome = Z_OK
        var output = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                // zlib promises not to write to what it is given to read.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(clamping: room)
                outcome = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
            }
            count = unsafe room - Int(stream.pointee.avail_out)
        }
        guard outcome == Z_OK, Array(output.suffix(PerMessageDeflate.tail.count)) == PerMessageDeflate.tail else {
            return nil
        }
        output.removeLast(PerMessageDeflate.tail.count)
        return output
    }
}
