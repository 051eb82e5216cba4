internal import COpus

/// Compresses 48 kHz sound to Opus packets (RFC 6716).
///
/// Owns libopus' state and nothing else; one packet goes out for each buffer that comes in.
@safe
public struct OpusEncoder: ~Copyable, @unchecked Sendable {  // One owner, and every use of the state is mutating.
    /// What the encoder optimises for.
    public enum Application: Hashable, Sendable {
        /// Speech, understood at low bitrates.
        case voice
        /// Music and mixed sound, closest to the original.
        case audio
    }

    /// The settings of an encoder.
    public struct Configuration: Hashable, Sendable {
        /// 1 for mono, 2 for stereo.
        public var channels = 1
        /// Bits each second, 6 000...510 000.
        public var bitrate = 32_000
        /// What to optimise for.
        public var application = Application.voice
        /// Whether each packet also carries a coarse copy of the one before (RFC 6716 §2.1.7).
        public var usesInbandFEC = true
        /// Whether silence is reduced to a packet every 400 ms (RFC 6716 §2.1.9).
        public var usesDTX = false
        /// The loss that the redundancy is dimensioned for, 0...100.
        public var expectedPacketLossPercent = 10
        /// How hard to try, 0...10; the processor time of 10 is about twice that of 5.
        public var complexity = 7

        /// Creates the settings for `channels` channels at `bitrate` bits each second.
        public init(channels: Int = 1, bitrate: Int = 32_000) {
            self.channels = channels
            self.bitrate = bitrate
        }
    }

    /// The only sample rate: what WebRTC announces for Opus (RFC 7587 §4.1).
    public static let sampleRate = 48_000
    /// The sample frames of a usual packet, 20 ms.
    public static let frameCount = 960
    /// More than the largest packet of one 60 ms frame at 510 kbit/s.
    private static let maximumPacketSize = 4000

    /// The settings that the encoder was created with, bitrate and loss as they are now.
    public private(set) var configuration: Configuration
    private let state: OpaquePointer

    /// Creates an encoder.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/unsupportedFormat`` if a setting is out of range.
    public init(configuration: Configuration = Configuration()) throws(MediaError) {
        unsafe state = try Self.makeState(configuration)
        self.configuration = configuration
    }

    deinit {
        unsafe opus_encoder_destroy(state)
    }

    /// Changes the bitrate from the next packet on.
    public mutating func setBitrate(_ bitrate: Int) throws(MediaError) {
        try unsafe Self.set(OPUS_SET_BITRATE_REQUEST, bitrate, of: state)
        configuration.bitrate = bitrate
    }

    /// Tells the encoder how many packets get lost, in percent, so that it protects enough of them.
    public mutating func setExpectedPacketLoss(percent: Int) throws(MediaError) {
        try unsafe Self.set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, percent, of: state)
        configuration.expectedPacketLossPercent = percent
    }

    /// Compresses one buffer of 2.5, 5, 10, 20, 40 or 60 ms.
    ///
    /// - Returns: The packet. Two bytes or fewer need not be sent when DTX is on.
    /// - Throws: ``MediaError`` with code ``MediaError/Code/unsupportedFormat`` for another rate, channel
    ///   count or duration.
    public mutating func encode(_ buffer: PCMBuffer) throws(MediaError) -> [UInt8] {
        guard buffer.sampleRate == Self.sampleRate, buffer.channels == configuration.channels else {
            throw MediaError(
                .unsupportedFormat,
                "The encoder takes \(configuration.channels) channels at 48000 Hz, "
                    + "not \(buffer.channels) at \(buffer.sampleRate) Hz.")
        }
        guard [120, 240, 480, 960, 1920, 2880].contains(buffer.frameCount) else {
            throw MediaError(.unsupportedFormat, "\(buffer.frameCount) samples are no duration of an Opus frame.")
        }
        var size: Int32 = 0
        let packet = unsafe [UInt8](unsafeUninitializedCapacity: Self.maximumPacketSize) { output, count in
            size = unsafe buffer.samples.withUnsafeBufferPointer { samples in
                guard let source = samples.baseAddress, let target = output.baseAddress
                else { return OPUS_ALLOC_FAIL }
                return unsafe opus_encode(state, source, Int32(buffer.frameCount), target, Int32(output.count))
            }
            count = max(0, Int(size))
        }
        guard size > 0 else { throw MediaError(opus: size) }
        return packet
    }

    private static func makeState(_ configuration: Configuration) throws(MediaError) -> OpaquePointer {
        guard (1...2).contains(configuration.channels) else {
            throw MediaError(.unsupportedFormat, "Opus takes one or two channels, not \(configuration.channels).")
        }
        let application = configuration.application == .voice ? OPUS_APPLICATION_VOIP : OPUS_APPLICATION_AUDIO
        var status: Int32 = 0
        let state = unsafe opus_encoder_create(
            Int32(sampleRate), Int32(configuration.channels), application, &status)
        guard let state = unsafe state, status == OPUS_OK else { throw MediaError(opus: status) }
        do throws(MediaError) {
            try unsafe set(OPUS_SET_BITRATE_REQUEST, configuration.bitrate, of: state)
            try unsafe set(OPUS_SET_INBAND_FEC_REQUEST, configuration.usesInbandFEC ? 1 : 0, of: state)
            try unsafe set(OPUS_SET_DTX_REQUEST, configuration.usesDTX ? 1 : 0, of: state)
            try unsafe set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, configuration.expectedPacketLossPercent, of: state)
            try unsafe set(OPUS_SET_COMPLEXITY_REQUEST, configuration.complexity, of: state)
        } catch {
            unsafe opus_encoder_destroy(state)
            throw error
        }
        return unsafe state
    }

    private static func set(_ request: Int32, _ value: Int, of state: OpaquePointer) throws(MediaError) {
        let status = unsafe lk_opus_encoder_set(state, request, Int32(clamping: value))
        guard status == OPUS_OK else { throw MediaError(opus: status) }
    }
}

extension MediaError {
    /// Translates a status of libopus.
    init(opus status: Int32) {
        let text = unsafe opus_strerror(status).map { unsafe String(cString: $0) } ?? "unknown"
        let code: Code =
            switch status {
            case OPUS_INVALID_PACKET: .corruptData
            case OPUS_BAD_ARG, OPUS_UNIMPLEMENTED: .unsupportedFormat
            default: .codecFailure
            }
        self.init(code, "Opus: \(text).")
    }
}
