internal import CVPX

/// Compresses pictures to VP8 (RFC 6386) in real time.
///
/// Owns libvpx' encoder and nothing else. The size is fixed: another size is another encoder, and a
/// simulcast is one encoder for each layer.
@safe
public struct VP8Encoder: ~Copyable, @unchecked Sendable {  // One owner, and every use of the state is mutating.
    /// The settings of an encoder.
    public struct Configuration: Hashable, Sendable {
        /// The width of the pictures in pixels.
        public var width: Int
        /// The height of the pictures in pixels.
        public var height: Int
        /// Bits each second to aim at.
        public var bitrate: Int
        /// Pictures each second, for the rate control's first guess; timestamps tell the truth.
        public var framesPerSecond = 30
        /// How much quality is given up for speed, 0...16. From 8 on a small machine holds 30 pictures each second.
        public var speed = 8
        /// Threads to encode with. More than one only where cores stand idle: libvpx' threads spin while they
        /// wait for one another, and on a busy machine that costs many times what they gain.
        public var threads = 1
        /// A keyframe at least every so many pictures. Far apart, because receivers ask when they need one.
        public var maximumKeyframeInterval = 3000
        /// Whether the rate control may skip pictures rather than exceed the bitrate.
        public var dropsFrames = false

        /// Creates the settings for pictures of one size.
        public init(width: Int, height: Int, bitrate: Int) {
            self.width = width
            self.height = height
            self.bitrate = bitrate
        }
    }

    /// RTP's clock for video, which the encoder is told the time in.
    private static let ticksPerSecond: Int64 = 90_000
    /// A longer or negative step between timestamps is a jump of the source's clock, not a pause.
    private static let longestStep: Int64 = 10_000_000_000

    /// The settings that the encoder was created with, bitrate as it is now.
    public private(set) var configuration: Configuration
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var settings: vpx_codec_enc_cfg_t
    private var wantsKeyframe: Bool
    private var presentation: Int64
    private var lastTimestamp: Int64?

    /// Creates an encoder.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/unsupportedFormat`` if a setting is out of range.
    public init(configuration: Configuration) throws(MediaError) {
        let settings = try unsafe Self.settings(for: configuration)
        unsafe context = try Self.makeContext(configuration, settings)
        unsafe self.settings = settings
        self.configuration = configuration
        wantsKeyframe = true
        presentation = 0
        lastTimestamp = nil
    }

    deinit {
        unsafe vpx_codec_destroy(context)
        unsafe context.deallocate()
    }

    /// Changes the bitrate from the next picture on.
    public mutating func setBitrate(_ bitrate: Int) throws(MediaError) {
        guard bitrate >= 1000 else { throw MediaError(.unsupportedFormat, "\(bitrate) bit/s is below 1000.") }
        var changed = unsafe settings
        unsafe changed.rc_target_bitrate = UInt32(clamping: bitrate / 1000)
        let status = unsafe vpx_codec_enc_config_set(context, &changed)
        guard status == VPX_CODEC_OK else { throw MediaError(vpx: status) }
        unsafe settings = changed
        configuration.bitrate = bitrate
    }

    /// Makes the next picture a keyframe.
    public mutating func requestKeyframe() {
        wantsKeyframe = true
    }

    /// Compresses one picture.
    ///
    /// - Returns: The compressed picture, or `nil` if the rate control skipped it.
    /// - Throws: ``MediaError`` with code ``MediaError/Code/unsupportedFormat`` for a picture of another size.
    public mutating func encode(_ frame: I420Frame) throws(MediaError) -> EncodedVideoFrame? {
        guard frame.width == configuration.width, frame.height == configuration.height else {
            throw MediaError(
                .unsupportedFormat,
                "The encoder takes \(configuration.width)x\(configuration.height), not \(frame.width)x\(frame.height).")
        }
        let duration = advance(to: frame.timestampNanoseconds)
        let flags = wantsKeyframe ? vpx_enc_frame_flags_t(VPX_EFLAG_FORCE_KF) : 0
        let presentation = presentation
        let context = unsafe context
        let status = unsafe frame.bytes.withUnsafeBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return VPX_CODEC_INVALID_PARAM }
            var image = unsafe Self.image(of: frame, at: UnsafeMutablePointer(mutating: start))
            return unsafe vpx_codec_encode(
                context, &image, presentation, UInt(duration), flags, UInt(VPX_DL_REALTIME))
        }
        guard status == VPX_CODEC_OK else { throw MediaError(vpx: status) }
        guard let encoded = takePacket(for: frame) else { return nil }
        wantsKeyframe = false
        return encoded
    }

    /// Moves the encoder's clock to the picture's time.
    ///
    /// - Returns: The ticks that the picture lasts.
    private mutating func advance(to timestamp: Int64) -> Int64 {
        let nominal = Self.ticksPerSecond / Int64(configuration.framesPerSecond)
        defer { lastTimestamp = timestamp }
        guard let lastTimestamp else { return nominal }
        let (step, overflow) = timestamp.subtractingReportingOverflow(lastTimestamp)
        let isSteady = !overflow && step > 0 && step < Self.longestStep
        let ticks = isSteady ? max(1, step * 9 / 100_000) : nominal
        presentation &+= ticks
        return nominal
    }

    private mutating func takePacket(for frame: I420Frame) -> EncodedVideoFrame? {
        var iterator: vpx_codec_iter_t?
        while let packet = unsafe vpx_codec_get_cx_data(context, &iterator) {
            guard unsafe packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            let data = unsafe packet.pointee.data.frame
            let bytes = unsafe UnsafeRawBufferPointer(start: data.buf, count: data.sz)
            guard unsafe !bytes.isEmpty else { continue }
            return EncodedVideoFrame(
                bytes: unsafe [UInt8](bytes), isKeyframe: unsafe data.flags & UInt32(VPX_FRAME_IS_KEY) != 0,
                timestampNanoseconds: frame.timestampNanoseconds, width: frame.width, height: frame.height)
        }
        return nil
    }
}
