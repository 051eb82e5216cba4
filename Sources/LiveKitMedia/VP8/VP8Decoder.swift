internal import CVPX
internal import LiveKitCore

/// Turns compressed VP8 pictures (RFC 6386) back into pixels.
///
/// Owns libvpx' decoder and nothing else. After an error the pictures stay wrong, or are refused, until
/// the next keyframe: whoever feeds the decoder asks the sender for one.
@safe
public struct VP8Decoder: ~Copyable, @unchecked Sendable {  // One owner, and every use of the state is mutating.
    /// The largest picture: 4096 by 2304. A few forged bytes could otherwise claim a gigabyte of memory.
    public static let maximumPixelCount = 4096 * 2304

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var hasKeyframe = false

    /// Creates a decoder.
    ///
    /// - Throws: ``MediaError`` with code ``MediaError/Code/codecFailure`` if libvpx has no memory left.
    public init(threads: Int = 1) throws(MediaError) {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        unsafe context.initialize(to: vpx_codec_ctx_t())
        let status = unsafe lk_vp8_decoder_init(context, UInt32(clamping: max(1, threads)))
        guard status == VPX_CODEC_OK else {
            unsafe context.deallocate()
            throw MediaError(vpx: status)
        }
        unsafe self.context = context
    }

    deinit {
        unsafe vpx_codec_destroy(context)
        unsafe context.deallocate()
    }

    /// Decodes one whole picture.
    ///
    /// - Returns: The picture, or `nil` if it is one that is not to be shown.
    /// - Throws: ``MediaError`` with code ``MediaError/Code/corruptData`` if the bytes are no VP8 picture, or
    ///   build on a keyframe that never came.
    public mutating func decode(
        _ bytes: [UInt8], timestampNanoseconds: Int64 = 0
    ) throws(MediaError) -> I420Frame? {
        let isKeyframe = try checkHeader(of: bytes)
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe vpx_codec_decode(context, $0.baseAddress, UInt32(clamping: $0.count), nil, 0)
        }
        guard status == VPX_CODEC_OK else {
            if isKeyframe { hasKeyframe = false }
            throw MediaError(decoding: status)
        }
        if isKeyframe { hasKeyframe = true }
        return takeImage(timestampNanoseconds: timestampNanoseconds)
    }

    /// Refuses what libvpx must not see: no picture at all, one too large, or one whose keyframe is missing.
    ///
    /// - Returns: Whether the picture is a keyframe (RFC 6386 §9.1: the lowest bit is 0).
    private func checkHeader(of bytes: [UInt8]) throws(MediaError) -> Bool {
        guard bytes.count >= 3 else { throw MediaError(.corruptData, "A VP8 picture has at least three bytes.") }
        guard bytes[0] & 1 == 0 else {
            guard hasKeyframe else { throw MediaError(.corruptData, "The stream must begin with a keyframe.") }
            return false
        }
        let header: VP8KeyFrameHeader
        do throws(WireError) { header = try VP8KeyFrameHeader(parsing: bytes.rawSpan) } catch {
            throw MediaError(.corruptData, "The bytes do not begin with a VP8 keyframe header: \(error).")
        }
        let pixels = Int(header.width) * Int(header.height)
        guard (1...Self.maximumPixelCount).contains(pixels) else {
            throw MediaError(.corruptData, "\(header.width)x\(header.height) pixels are none, or over the limit.")
        }
        return true
    }

    private mutating func takeImage(timestampNanoseconds: Int64) -> I420Frame? {
        var iterator: vpx_codec_iter_t?
        guard let image = unsafe vpx_codec_get_frame(context, &iterator) else { return nil }
        let width = Int(unsafe image.pointee.d_w)
        let height = Int(unsafe image.pointee.d_h)
        guard (1...I420Frame.maximumDimension).contains(width), (1...I420Frame.maximumDimension).contains(height),
            let y = unsafe image.pointee.planes.0, let u = unsafe image.pointee.planes.1,
            let v = unsafe image.pointee.planes.2
        else { return nil }
        var frame = I420Frame(width: width, height: height, timestampNanoseconds: timestampNanoseconds)
        unsafe frame.copy(.y, from: y, stride: Int(image.pointee.stride.0))
        unsafe frame.copy(.u, from: u, stride: Int(image.pointee.stride.1))
        unsafe frame.copy(.v, from: v, stride: Int(image.pointee.stride.2))
        return frame
    }
}

extension I420Frame {
    /// Copies the rows of a plane that somebody else laid out.
    fileprivate mutating func copy(_ plane: Plane, from source: UnsafePointer<UInt8>, stride: Int) {
        let width = width(of: plane)
        let height = height(of: plane)
        let start = range(of: plane).lowerBound
        unsafe withUnsafeMutablePixels { pixels in
            guard let base = pixels.baseAddress else { return }
            for row in 0..<height {
                unsafe (base + start + row * width).update(from: source + row * stride, count: width)
            }
        }
    }
}

extension MediaError {
    /// Translates a decoder's status, where anything but a lack of memory is the input's fault.
    fileprivate init(decoding status: vpx_codec_err_t) {
        let error = MediaError(vpx: status)
        self = status == VPX_CODEC_MEM_ERROR ? error : MediaError(.corruptData, error.description)
    }
}
