import Foundation

@testable import LiveKitServerKit

/// Frames as RFC 6455 §5.2 writes them, right and wrong.
enum RawFrame {
    static func make(
        _ opcode: UInt8, _ payload: [UInt8], fin: Bool = true, reserved: UInt8 = 0, isMasked: Bool = true,
        declaredLength: UInt64? = nil
    ) -> [UInt8] {
        var bytes = [(fin ? 0x80 : 0) | reserved << 4 | opcode]
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let length = declaredLength ?? UInt64(payload.count)
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        switch length {
        case 0...125: bytes.append(maskBit | UInt8(length))
        case 126...65_535: bytes += [maskBit | 126, UInt8(length >> 8), UInt8(length & 255)]
        default: bytes += [maskBit | 127] + (0..<8).reversed().map { UInt8(length >> (8 * $0) & 255) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    static func close(_ code: UInt16, reason: [UInt8] = []) -> [UInt8] {
        make(8, [UInt8(code >> 8), UInt8(code & 255)] + reason)
    }
}

/// What a server's end of a WebSocket sent.
struct RawFrames {
    var frames: [(opcode: UInt8, payload: [UInt8])] = []

    /// Reads the frames behind the answer to the upgrade.
    init(_ bytes: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else { return }
        var rest = bytes[(end + 4)...]
        while rest.count >= 2 {
            let header = Array(rest.prefix(10))
            var length = Int(header[1] & 0x7F)
            var size = 2
            if length == 126, header.count >= 4 {
                length = Int(header[2]) << 8 | Int(header[3])
                size = 4
            } else if length == 127, header.count >= 10 {
                length = header[6..<10].reduce(0) { $0 << 8 | Int($1) }
                size = 10
            }
            guard rest.count >= size + length else { return }
            frames.append((header[0] & 0x0F, Array(rest.dropFirst(size).prefix(length))))
            rest = rest.dropFirst(size + length)
        }
    }

    var closeCode: Int? {
        guard let payload = frames.last(where: { $0.opcode == 8 })?.payload, payload.count >= 2 else { return nil }
        return Int(payload[0]) << 8 | Int(payload[1])
    }
}

extension TestServer {
    /// Joins by hand and sends the frames.
    func exchange(_ frames: [[UInt8]], pause: Duration = .zero, limit: Duration = .seconds(4)) async throws
        -> RawConnection.Outcome
    {
        let token = try Self.token("raw")
        let upgrade =
            "GET /rtc?protocol=16&access_token=\(token) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        return try await RawConnection.exchange(
            port: port, [Array(upgrade.utf8)] + frames, pause: pause == .zero ? .milliseconds(50) : pause, limit: limit)
    }
}
