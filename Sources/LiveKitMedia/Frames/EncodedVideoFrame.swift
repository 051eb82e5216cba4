/// One compressed picture, whole.
public struct EncodedVideoFrame: Hashable, Sendable {
    /// The codec's bytes.
    public var bytes: [UInt8]
    /// Whether a decoder can start here.
    public var isKeyframe: Bool
    /// The timestamp of the picture that was compressed, in nanoseconds on its source's clock.
    public var timestampNanoseconds: Int64
    /// The picture's width in pixels.
    public var width: Int
    /// The picture's height in pixels.
    public var height: Int

    /// Creates a frame from its parts.
    public init(bytes: [UInt8], isKeyframe: Bool, timestampNanoseconds: Int64, width: Int, height: Int) {
        self.bytes = bytes
        self.isKeyframe = isKeyframe
        self.timestampNanoseconds = timestampNanoseconds
        self.width = width
        self.height = height
    }
}
