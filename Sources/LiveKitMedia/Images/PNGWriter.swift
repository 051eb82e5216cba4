internal import CZlib
internal import LiveKitCore

/// Writes frames as PNG images of 8-bit red, green and blue.
///
/// - SeeAlso: [RFC 2083](https://www.rfc-editor.org/rfc/rfc2083).
public enum PNGWriter {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The image file for one frame, whose levels are taken as BT.601, limited range.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/codecFailure`` if zlib has no memory left.
    public static func encoded(_ frame: I420Frame) throws(MediaError) -> [UInt8] {
        let pixels = try compressed(filteredRows(of: frame))
        var writer = ByteWriter(capacity: pixels.count + 64)
        writer.write(bytes: signature)

        var header = ByteWriter(capacity: 13)
        header.write(UInt32(frame.width))
        header.write(UInt32(frame.height))
        // Depth 8, colour type 2 (RGB), deflate, adaptive filters, not interlaced.
        header.write(bytes: [8, 2, 0, 0, 0] as [UInt8])
        writer.write(chunk: "IHDR", header.bytes)
        writer.write(chunk: "IDAT", pixels)
        writer.write(chunk: "IEND", [])
        return writer.bytes
    }

    /// The rows as RGB, each behind its filter type: 2, the difference to the row above (RFC 2083 §6.4).
    private static func filteredRows(of frame: I420Frame) -> [UInt8] {
        let size = frame.width * 3
        var above = [UInt8](repeating: 0, count: size)
        var current = above
        var rows: [UInt8] = []
        rows.reserveCapacity((size + 1) * frame.height)
        let (y, u, v) = (frame.y, frame.u, frame.v)
        for line in 0..<frame.height {
            let chroma = line / 2 * frame.chromaWidth
            for column in 0..<frame.width {
                let luma = 298 * (Int(y[line * frame.width + column]) - 16) + 128
                let blue = Int(u[chroma + column / 2]) - 128
                let red = Int(v[chroma + column / 2]) - 128
                current[column * 3] = UInt8(clamping: (luma + 409 * red) >> 8)
                current[column * 3 + 1] = UInt8(clamping: (luma - 100 * blue - 208 * red) >> 8)
                current[column * 3 + 2] = UInt8(clamping: (luma + 516 * blue) >> 8)
            }
            rows.append(2)
            for index in 0..<size { rows.append(current[index] &- above[index]) }
            swap(&above, &current)
        }
        return rows
    }

    private static func compressed(_ bytes: [UInt8]) throws(MediaError) -> [UInt8] {
        var size = uLong(compressBound(uLong(bytes.count)))
        var status = Z_OK
        let result = unsafe [UInt8](unsafeUninitializedCapacity: Int(size)) { output, count in
            status = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe compress2(output.baseAddress, &size, input.baseAddress, uLong(input.count), 6)
            }
            count = status == Z_OK ? Int(size) : 0
        }
        guard status == Z_OK else { throw MediaError(.codecFailure, "zlib failed with \(status).") }
        return result
    }
}

extension ByteWriter {
    /// Appends one chunk: length, type, content, and the CRC of the latter two (RFC 2083 §3.2).
    fileprivate mutating func write(chunk type: StaticString, _ content: [UInt8]) {
        let body = [UInt8](type.description.utf8) + content
        write(UInt32(content.count))
        write(bytes: body)
        let checksum = unsafe body.withUnsafeBufferPointer { unsafe crc32(0, $0.baseAddress, UInt32($0.count)) }
        write(UInt32(truncatingIfNeeded: checksum))
    }
}
