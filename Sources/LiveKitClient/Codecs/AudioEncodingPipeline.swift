internal import Foundation
internal import LiveKitCore
internal import LiveKitMedia

/// Cuts a published audio track's sound into 20 ms and encodes it.
struct AudioEncodingPipeline: Sendable {
    /// One encoded packet and where it belongs.
    struct Packet: Sendable {
        var bytes: [UInt8]
        /// Sample frames since the track began.
        var position: Int64
        var level: AudioLevel
        /// Whether silence came before that was not sent.
        var isTalkStart: Bool
    }

    let buffers: AsyncStream<PCMBuffer>
    let configuration: OpusEncoder.Configuration
    let isMuted: @Sendable () -> Bool
    let deliver: @Sendable (Packet) -> Void

    /// With DTX a packet of so few bytes says nothing (RFC 6716 §2.1.9).
    private static let silentPacketSize = 2

    /// Runs until the buffers end.
    func run() async throws {
        var encoder = try OpusEncoder(configuration: configuration)
        var samples: [Int16] = []
        let packetSize = OpusEncoder.frameCount * configuration.channels
        var position: Int64 = 0
        var isTalkStart = true
        for await buffer in buffers {
            samples.append(contentsOf: buffer.samples)
            var offset = 0
            while samples.count - offset >= packetSize {
                let piece = PCMBuffer(
                    samples: Array(samples[offset..<offset + packetSize]), channels: configuration.channels)
                offset += packetSize
                // Muted sound takes its time too: the receiver's clock must not stand still.
                defer { position += Int64(OpusEncoder.frameCount) }
                guard !isMuted() else {
                    isTalkStart = true
                    continue
                }
                let bytes = try encoder.encode(piece)
                guard !configuration.usesDTX || bytes.count > Self.silentPacketSize else {
                    isTalkStart = true
                    continue
                }
                deliver(Packet(bytes: bytes, position: position, level: piece.level, isTalkStart: isTalkStart))
                isTalkStart = false
            }
            samples.removeFirst(offset)
        }
    }
}

extension PCMBuffer {
    /// From here on a buffer counts as speech: 20 dB above the quietest that LiveKit calls active.
    private static let speechLevel: UInt8 = 55

    /// The buffer's loudness for the header extension (RFC 6464).
    var level: AudioLevel {
        guard !samples.isEmpty else { return AudioLevel(voiceActivity: false, level: 127) }
        let sum = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        let root = (sum / Double(samples.count)).squareRoot() / 32_768
        guard root > 0 else { return AudioLevel(voiceActivity: false, level: 127) }
        let decibels = UInt8(min(max(-20 * log10(root), 0), 127).rounded())
        return AudioLevel(voiceActivity: decibels <= Self.speechLevel, level: decibels)
    }
}
