internal import CVPX

extension VP8Encoder {
    /// The rate control of an interactive call, in libvpx' terms.
    static func settings(for configuration: Configuration) throws(MediaError) -> vpx_codec_enc_cfg_t {
        let sides = 1...I420Frame.maximumDimension
        guard sides.contains(configuration.width), sides.contains(configuration.height) else {
            throw MediaError(.unsupportedFormat, "VP8 pictures measure 1...16383 pixels each way.")
        }
        guard configuration.bitrate >= 1000, (1...240).contains(configuration.framesPerSecond),
            (1...16).contains(configuration.threads), (0...16).contains(configuration.speed),
            configuration.maximumKeyframeInterval >= 0
        else { throw MediaError(.unsupportedFormat, "A bitrate, frame rate, speed or thread count is out of range.") }

        var settings = unsafe vpx_codec_enc_cfg_t()
        let status = unsafe vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &settings, 0)
        guard status == VPX_CODEC_OK else { throw MediaError(vpx: status) }
        unsafe settings.g_w = UInt32(configuration.width)
        unsafe settings.g_h = UInt32(configuration.height)
        unsafe settings.g_timebase = vpx_rational_t(num: 1, den: 90_000)
        unsafe settings.g_threads = UInt32(configuration.threads)
        unsafe settings.g_pass = VPX_RC_ONE_PASS
        unsafe settings.g_lag_in_frames = 0
        // A lost picture must not spoil the entropy contexts of the ones after it.
        unsafe settings.g_error_resilient = UInt32(VPX_ERROR_RESILIENT_DEFAULT)
        unsafe settings.rc_end_usage = VPX_CBR
        unsafe settings.rc_target_bitrate = UInt32(clamping: configuration.bitrate / 1000)
        unsafe settings.rc_dropframe_thresh = configuration.dropsFrames ? 30 : 0
        unsafe settings.rc_resize_allowed = 0
        unsafe settings.rc_min_quantizer = 2
        unsafe settings.rc_max_quantizer = 56
        unsafe settings.rc_undershoot_pct = 100
        unsafe settings.rc_overshoot_pct = 15
        // Milliseconds of the bitrate: the delay that the rate control may spend.
        unsafe settings.rc_buf_initial_sz = 500
        unsafe settings.rc_buf_optimal_sz = 600
        unsafe settings.rc_buf_sz = 1000
        unsafe settings.kf_mode = configuration.maximumKeyframeInterval == 0 ? VPX_KF_DISABLED : VPX_KF_AUTO
        unsafe settings.kf_min_dist = 0
        unsafe settings.kf_max_dist = UInt32(clamping: configuration.maximumKeyframeInterval)
        return unsafe settings
    }

    /// Opens libvpx' encoder and tunes what its settings leave out.
    static func makeContext(
        _ configuration: Configuration, _ settings: vpx_codec_enc_cfg_t
    ) throws(MediaError) -> UnsafeMutablePointer<vpx_codec_ctx_t> {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        unsafe context.initialize(to: vpx_codec_ctx_t())
        var settings = unsafe settings
        let status = unsafe lk_vp8_encoder_init(context, &settings)
        guard status == VPX_CODEC_OK else {
            unsafe context.deallocate()
            throw MediaError(vpx: status)
        }
        // A keyframe may take half of the optimal buffer, and three times a picture's share at least.
        let share = Int(unsafe settings.rc_buf_optimal_sz) * configuration.framesPerSecond / 20
        let controls: [(vp8e_enc_control_id, Int)] = [
            // A fixed speed: positive values would let libvpx time itself, which a busy machine confuses.
            (VP8E_SET_CPUUSED, -configuration.speed),
            (VP8E_SET_NOISE_SENSITIVITY, 0),
            // Blocks that did not change are skipped early.
            (VP8E_SET_STATIC_THRESHOLD, 1),
            (VP8E_SET_TOKEN_PARTITIONS, configuration.threads > 1 ? 1 : 0),
            (VP8E_SET_MAX_INTRA_BITRATE_PCT, max(300, share)),
        ]
        for (control, value) in controls {
            let status = unsafe lk_vp8_encoder_set(context, Int32(control.rawValue), Int32(clamping: value))
            guard status == VPX_CODEC_OK else {
                unsafe vpx_codec_destroy(context)
                unsafe context.deallocate()
                throw MediaError(vpx: status)
            }
        }
        return unsafe context
    }

    /// Describes a frame's planes to libvpx, which only reads them.
    static func image(of frame: I420Frame, at start: UnsafeMutablePointer<UInt8>) -> vpx_image_t {
        var image = unsafe vpx_image_t()
        unsafe _ = vpx_img_wrap(
            &image, VPX_IMG_FMT_I420, UInt32(frame.width), UInt32(frame.height), 1, start)
        // The wrapper rounds odd widths up; our rows have no padding.
        unsafe image.planes.0 = start
        unsafe image.planes.1 = start + frame.range(of: .u).lowerBound
        unsafe image.planes.2 = start + frame.range(of: .v).lowerBound
        unsafe image.stride.0 = Int32(frame.stride(of: .y))
        unsafe image.stride.1 = Int32(frame.stride(of: .u))
        unsafe image.stride.2 = Int32(frame.stride(of: .v))
        return unsafe image
    }
}

extension MediaError {
    /// Translates a status of libvpx.
    init(vpx status: vpx_codec_err_t) {
        let text = unsafe vpx_codec_err_to_string(status).map { unsafe String(cString: $0) } ?? "unknown"
        let code: Code =
            switch status {
            case VPX_CODEC_CORRUPT_FRAME, VPX_CODEC_UNSUP_BITSTREAM, VPX_CODEC_UNSUP_FEATURE: .corruptData
            case VPX_CODEC_INVALID_PARAM: .unsupportedFormat
            default: .codecFailure
            }
        self.init(code, "VP8: \(text).")
    }
}
