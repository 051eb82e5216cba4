internal import LiveKitProtobuf

/// One encoding of a video track: which picture goes out under which name.
struct VideoLayerPlan: Hashable, Sendable {
    /// `q`, `h` or `f`; `nil` when it is the only one.
    var rid: String?
    var quality: Livekit_VideoQuality
    var dimensions: Dimensions
    var encoding: VideoEncoding
}

/// Decides which encodings a video track is sent in, as LiveKit's clients do.
enum SimulcastLayers {
    /// LiveKit's names, smallest picture first.
    private static let rids = ["q", "h", "f"]
    private static let qualities: [Livekit_VideoQuality] = [.low, .medium, .high]
    /// From this longer side on a picture is worth two encodings, from ``threeLayersFrom`` on three.
    private static let twoLayersFrom = 480
    private static let threeLayersFrom = 960
    /// Wider than halfway between 4:3 and 16:9 counts as wide.
    private static let wideFrom = (16.0 / 9 + 4.0 / 3) / 2

    static func plan(_ dimensions: Dimensions, options: VideoPublishOptions) -> [VideoLayerPlan] {
        let full = options.encoding ?? suitableEncoding(dimensions)
        var layers: [VideoParameters] = []
        if options.simulcast {
            let smaller = options.simulcastLayers.isEmpty ? usualLayers(dimensions) : options.simulcastLayers
            layers = smaller.filter { $0.dimensions.max < dimensions.max }.prefix(2).map { preset in
                VideoParameters(
                    dimensions: dimensions.scaled(toLongerSide: preset.dimensions.max),
                    encoding: VideoEncoding(maxBitrate: preset.encoding.maxBitrate, maxFps: full.maxFps))
            }
        }
        layers.append(VideoParameters(dimensions: dimensions, encoding: full))
        guard layers.count > 1 else {
            return [VideoLayerPlan(rid: nil, quality: .high, dimensions: dimensions, encoding: full)]
        }
        return zip(layers, zip(rids, qualities)).map { layer, name in
            VideoLayerPlan(rid: name.0, quality: name.1, dimensions: layer.dimensions, encoding: layer.encoding)
        }
    }

    /// The smaller pictures that go with one of this size.
    private static func usualLayers(_ dimensions: Dimensions) -> [VideoParameters] {
        let isWide = dimensions.aspectRatio > wideFrom
        let low = isWide ? VideoParameters.presetH180_169 : .presetH180_43
        let middle = isWide ? VideoParameters.presetH360_169 : .presetH360_43
        if dimensions.max >= threeLayersFrom { return [low, middle] }
        return dimensions.max >= twoLayersFrom ? [low] : []
    }

    /// The encoding of the first preset that is as large.
    static func suitableEncoding(_ dimensions: Dimensions) -> VideoEncoding {
        let presets = dimensions.aspectRatio > wideFrom ? VideoParameters.presets169 : VideoParameters.presets43
        let preset = presets.first { $0.dimensions.max >= dimensions.max } ?? presets[presets.count - 1]
        return preset.encoding
    }
}
