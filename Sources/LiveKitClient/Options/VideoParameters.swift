// LiveKit's own names of the presets have underscores.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// The bounds of a video encoding.
public struct VideoEncoding: Hashable, Sendable {
    /// Bits each second.
    public var maxBitrate: Int
    /// Pictures each second, by which the encoder shares out its bits. None are left out to keep to it.
    public var maxFps: Int

    /// Creates an encoding.
    public init(maxBitrate: Int, maxFps: Int) {
        self.maxBitrate = maxBitrate
        self.maxFps = maxFps
    }
}

/// A picture's size and the encoding that suits it.
public struct VideoParameters: Hashable, Sendable {
    /// The picture's size.
    public var dimensions: Dimensions
    /// The encoding.
    public var encoding: VideoEncoding

    /// Creates parameters.
    public init(dimensions: Dimensions, encoding: VideoEncoding) {
        self.dimensions = dimensions
        self.encoding = encoding
    }

    private init(_ width: Int, _ height: Int, _ kilobits: Int, _ framesPerSecond: Int) {
        self.init(
            dimensions: Dimensions(width: width, height: height),
            encoding: VideoEncoding(maxBitrate: kilobits * 1000, maxFps: framesPerSecond))
    }

    /// LiveKit's parameters for wide pictures (16:9), smallest first.
    public static let presets169 = [
        presetH90_169, presetH180_169, presetH216_169, presetH360_169, presetH540_169, presetH720_169, presetH1080_169,
        presetH1440_169, presetH2160_169,
    ]
    /// LiveKit's parameters for 4:3 pictures, smallest first.
    public static let presets43 = [
        presetH120_43, presetH180_43, presetH240_43, presetH360_43, presetH480_43, presetH540_43, presetH720_43,
        presetH1080_43, presetH1440_43,
    ]

    /// 160 by 90 at 90 kbit/s.
    public static let presetH90_169 = VideoParameters(160, 90, 90, 20)
    /// 320 by 180 at 160 kbit/s.
    public static let presetH180_169 = VideoParameters(320, 180, 160, 20)
    /// 384 by 216 at 180 kbit/s.
    public static let presetH216_169 = VideoParameters(384, 216, 180, 20)
    /// 640 by 360 at 450 kbit/s.
    public static let presetH360_169 = VideoParameters(640, 360, 450, 20)
    /// 960 by 540 at 800 kbit/s.
    public static let presetH540_169 = VideoParameters(960, 540, 800, 25)
    /// 1280 by 720 at 1.7 Mbit/s.
    public static let presetH720_169 = VideoParameters(1280, 720, 1700, 30)
    /// 1920 by 1080 at 3 Mbit/s.
    public static let presetH1080_169 = VideoParameters(1920, 1080, 3000, 30)
    /// 2560 by 1440 at 5 Mbit/s.
    public static let presetH1440_169 = VideoParameters(2560, 1440, 5000, 30)
    /// 3840 by 2160 at 8 Mbit/s.
    public static let presetH2160_169 = VideoParameters(3840, 2160, 8000, 30)

    /// 160 by 120 at 70 kbit/s.
    public static let presetH120_43 = VideoParameters(160, 120, 70, 20)
    /// 240 by 180 at 125 kbit/s.
    public static let presetH180_43 = VideoParameters(240, 180, 125, 20)
    /// 320 by 240 at 140 kbit/s.
    public static let presetH240_43 = VideoParameters(320, 240, 140, 20)
    /// 480 by 360 at 330 kbit/s.
    public static let presetH360_43 = VideoParameters(480, 360, 330, 20)
    /// 640 by 480 at 500 kbit/s.
    public static let presetH480_43 = VideoParameters(640, 480, 500, 20)
    /// 720 by 540 at 600 kbit/s.
    public static let presetH540_43 = VideoParameters(720, 540, 600, 25)
    /// 960 by 720 at 1.3 Mbit/s.
    public static let presetH720_43 = VideoParameters(960, 720, 1300, 30)
    /// 1440 by 1080 at 2.3 Mbit/s.
    public static let presetH1080_43 = VideoParameters(1440, 1080, 2300, 30)
    /// 1920 by 1440 at 3.8 Mbit/s.
    public static let presetH1440_43 = VideoParameters(1920, 1440, 3800, 30)
}
