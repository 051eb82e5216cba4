internal import COpus

/// Turns Opus packets (RFC 6716) back into 48 kHz sound, and fills the gaps that lost packets leave.
///
/// Owns libopus' state and nothing else. Which packet comes next, and which one is lost, is the jitter
/// buffer's decision.
@safe
public struct OpusDecoder: ~Copyable, @unchecked Sendable {  // One owner, and every use of the state is mutating.
    /// The only sample rate: what WebRTC announces for Opus (RFC 7587 §4.1).
    public static let sampleRate = 48_000
    /// 120 ms, the longest packet (RFC 6716 §3.2.5), in sample frames.
    private static let maximumFrameCount = 5760

    /// 1 for mono, 2 for stereo; packets of the other kind are mixed.
    public let channels: Int
    private let state: OpaquePointer
    /// How many sample frames the newest packet held, which is what a lost one probably held.
    private var lastFrameCount = 960

    /// Creates a decoder.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/unsupportedFormat`` unless `channels` is 1 or 2.
    public init(channels: Int = 1) throws(MediaError) {
        guard (1...2).contains(channels) else {
            throw MediaError(.unsupportedFormat, "Opus gives one or two channels, not \(channels).")
        }
        var status: Int32 = 0
        let state = unsafe opus_decoder_create(Int32(Self.sampleRate), Int32(channels), &status)
        guard let state = unsafe state, status == OPUS_OK else { throw MediaError(opus: status) }
        unsafe self.state = state
        self.channels = channels
    }

    deinit {
        unsafe opus_decoder_destroy(state)
    }

    /// Decodes one packet; `nil` stands for a lost one and gives as much sound as the packet before held,
    /// continued from what was heard.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/corruptData`` if the bytes are no Opus packet.
    public mutating func decode(_ packet: [UInt8]?) throws(MediaError) -> PCMBuffer {
        guard let packet else { return try run([], frameCount: lastFrameCount, usesFEC: false) }
        guard !packet.isEmpty else { throw MediaError(.corruptData, "An Opus packet has at least one byte.") }
        let buffer = try run(packet, frameCount: Self.maximumFrameCount, usesFEC: false)
        lastFrameCount = buffer.frameCount
        return buffer
    }

    /// Recovers a lost packet from the coarse copy in the one that follows it.
    ///
    /// Decode `next` itself afterwards. Where it carries no copy, the loss is concealed as by `decode(nil)`.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/corruptData`` if the bytes are no Opus packet.
    public mutating func decodeLost(before next: [UInt8]) throws(MediaError) -> PCMBuffer {
        guard !next.isEmpty else { throw MediaError(.corruptData, "An Opus packet has at least one byte.") }
        return try run(next, frameCount: lastFrameCount, usesFEC: true)
    }

    private mutating func run(_ packet: [UInt8], frameCount: Int, usesFEC: Bool) throws(MediaError) -> PCMBuffer {
        var decoded: Int32 = 0
        let samples = unsafe [Int16](unsafeUninitializedCapacity: frameCount * channels) { output, count in
            decoded = unsafe packet.withUnsafeBufferPointer { bytes in
                guard let target = output.baseAddress else { return OPUS_ALLOC_FAIL }
                let start = bytes.isEmpty ? nil : bytes.baseAddress
                return unsafe opus_decode(
                    state, start, Int32(clamping: bytes.count), target, Int32(frameCount), usesFEC ? 1 : 0)
            }
            count = max(0, Int(decoded)) * channels
        }
        guard decoded > 0 else {
            throw decoded == 0 ? MediaError(.corruptData, "The packet holds no sound.") : MediaError(opus: decoded)
        }
        return PCMBuffer(samples: samples, sampleRate: Self.sampleRate, channels: channels)
    }
}
