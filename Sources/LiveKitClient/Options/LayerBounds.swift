internal import LiveKitRTC

/// The rates at which one layer of a picture is of use. The facts are libwebrtc's, between whose sizes it interpolates
/// by area.
struct LayerBounds: Hashable, Sendable {
    var minimum: Bitrate
    var target: Bitrate
    var maximum: Bitrate

    private struct Format {
        var area: Int
        /// Kilobits each second.
        var minimum: Double
        var target: Double

        init(_ width: Int, _ height: Int, minimum: Double, target: Double) {
            area = width * height
            self.minimum = minimum
            self.target = target
        }
    }

    /// Largest first.
    private static let formats = [
        Format(1920, 1080, minimum: 800, target: 4000),
        Format(1280, 720, minimum: 600, target: 2500),
        Format(960, 540, minimum: 350, target: 1200),
        Format(640, 360, minimum: 150, target: 500),
        Format(480, 270, minimum: 150, target: 350),
        Format(320, 180, minimum: 30, target: 150),
        Format(0, 0, minimum: 30, target: 0),
    ]
    private static let least = Bitrate.kilobits(30)

    init(_ plan: VideoLayerPlan) {
        maximum = max(Bitrate(bitsPerSecond: Int64(plan.encoding.maxBitrate)), Bitrate.kilobits(1))
        // The only picture there is has to do with what there is.
        guard plan.rid != nil else {
            minimum = min(Self.least, maximum)
            target = maximum
            return
        }
        let usual = Self.usual(plan.dimensions.area)
        minimum = min(Bitrate(usual.minimum * 1000), maximum)
        target = max(min(max(Bitrate(usual.target * 1000), maximum * 0.75), maximum), minimum)
    }

    private static func usual(_ area: Int) -> (minimum: Double, target: Double) {
        guard let below = formats.firstIndex(where: { area >= $0.area }), below > 0 else {
            return (formats[0].minimum, formats[0].target)
        }
        let (upper, lower) = (formats[below - 1], formats[below])
        let share = Double(area - lower.area) / Double(upper.area - lower.area)
        return (
            lower.minimum + share * (upper.minimum - lower.minimum),
            lower.target + share * (upper.target - lower.target)
        )
    }
}
