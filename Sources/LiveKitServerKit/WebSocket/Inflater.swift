internal import CZlib
internal import LiveKitCore

/// Why compressed bytes were not taken.
enum InflationFailure: Error, Sendable, Equatable {
    /// More than the bound came out; what is left was not looked at.
    case tooLarge
    /// Not what zlib understands, or cut short where it must be whole.
    case malformed
    /// zlib has no memory left.
    case outOfMemory
}

/// One stream of DEFLATE (RFC 1951) being inflated, bounded in what comes out.
@safe
final class Inflater {
    /// What stands around the compressed data.
    enum Format: Sendable {
        /// Nothing (RFC 1951), with at most so large a window as a power of two.
        case raw(windowBits: Int32)
        /// A gzip member (RFC 1952).
        case gzip

        /// As zlib's `inflateInit2` wants it.
        fileprivate var windowBits: Int32 {
            switch self {
            case .raw(let bits): -bits
            case .gzip: 15 + 16
            }
        }
    }

    /// zlib keeps a pointer to its stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isFinished = false

    private static let chunkBytes = 16 * 1024

    init(_ format: Format) throws(InflationFailure) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Forgets what came before, as at the start of a stream.
    func reset() {
        unsafe inflateReset(stream)
        isFinished = false
    }

    /// Inflates all of `input` onto the end of `output`, which grows to at most `limit` bytes.
    func inflate(_ input: [UInt8], into output: inout [UInt8], limit: Int) throws(InflationFailure) {
        let status = unsafe input.withUnsafeBufferPointer { bytes -> InflationFailure? in
            // zlib promises not to write to what it is given to read.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(clamping: bytes.count)
            defer {
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.avail_in = 0
            }
            return drain(into: &output, limit: limit)
        }
        if let status { throw status }
    }

    private func drain(into output: inout [UInt8], limit: Int) -> InflationFailure? {
        while !isFinished {
            var status = Z_OK
            let room = min(Self.chunkBytes, limit - output.count + 1)
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room)
                status = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                count = unsafe room - Int(stream.pointee.avail_out)
            }
            output += chunk
            guard output.count <= limit else { return .tooLarge }
            switch status {
            case Z_STREAM_END: isFinished = true
            case Z_OK: if chunk.count < room { return nil }
            // Nothing more can be done with what there is.
            case Z_BUF_ERROR: return nil
            case Z_MEM_ERROR: return .outOfMemory
            default: return .malformed
            }
        }
        return nil
    }

    /// The content of one gzip member that is all there.
    static func gunzip(_ bytes: [UInt8], limit: Int) throws(InflationFailure) -> [UInt8] {
        let inflater = try Inflater(.gzip)
        var output: [UInt8] = []
        try inflater.inflate(bytes, into: &output, limit: limit)
        guard inflater.isFinished else { throw .malformed }
        return output
    }
}
