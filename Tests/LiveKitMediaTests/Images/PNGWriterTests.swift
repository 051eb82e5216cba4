import Foundation
import LiveKitCore
import LiveKitMedia
import Testing

@Suite("PNG images, RFC 2083")
struct PNGWriterTests {
    /// CRC-32 bit by bit, written apart from the one under test.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 != 0 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }

    @Test("The chunks are whole and their checksums right")
    func chunksAreWhole() throws {
        let image = try PNGWriter.encoded(noise(width: 7, height: 5, seed: 1))
        #expect(Array(image[..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var reader = ByteReader(image.rawSpan)
        try reader.skip(8)
        var types: [String] = []
        while !reader.isAtEnd {
            let size = Int(try reader.read(UInt32.self))
            let body = try reader.readBytes(size + 4)
            types.append(String(decoding: body[..<4], as: UTF8.self))
            #expect(try reader.read(UInt32.self) == Self.checksum(body))
            if types.count == 1 { #expect(Array(body[4...]) == [0, 0, 0, 7, 0, 0, 0, 5, 8, 2, 0, 0, 0]) }
        }
        #expect(types == ["IHDR", "IDAT", "IEND"])
    }

    @Test("ffmpeg sees the colours that were painted", .enabled(if: FFmpeg.path != nil, "needs ffmpeg"))
    func ffmpegReads() throws {
        var frame = I420Frame(width: 4, height: 2)
        // Left white, right the red of BT.601.
        let luma: [UInt8] = [235, 235, 81, 81, 235, 235, 81, 81]
        frame.withMutablePlane(.y) { for index in $0.indices { $0[index] = luma[index] } }
        frame.withMutablePlane(.u) { $0[1] = 90 }
        frame.withMutablePlane(.v) { $0[1] = 240 }
        let pixels = try FFmpeg.withFile(named: "colours.png") { file in
            try Data(try PNGWriter.encoded(frame)).write(to: file)
            return try FFmpeg.decode(file, to: ["-f", "rawvideo", "-pix_fmt", "rgb24"])
        }
        let row: [UInt8] = [255, 255, 255, 255, 255, 255, 254, 0, 0, 254, 0, 0]
        try #require(pixels.count == 24)
        for (pixel, expected) in zip(pixels, row + row) { #expect(abs(Int(pixel) - Int(expected)) <= 2) }
    }
}
