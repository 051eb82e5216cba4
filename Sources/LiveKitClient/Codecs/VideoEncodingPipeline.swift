internal import LiveKitMedia
internal import Synchronization

/// Encodes a published video track's frames in all its layers, one frame after the other.
struct VideoEncodingPipeline: Sendable {
    let frames: AsyncStream<I420Frame>
    let layers: [VideoLayerPlan]
    let keyframes: KeyframeRequests
    let activity: LayerActivity
    /// Takes an encoded picture and the index of its layer.
    let deliver: @Sendable (EncodedVideoFrame, Int) -> Void

    /// Runs until the frames end.
    func run() async throws {
        let encoders = try layers.map(LayerEncoder.init)
        for await frame in frames {
            for (index, encoder) in encoders.enumerated() {
                guard activity.isActive(layer: index) else {
                    // Whoever watches again needs a key frame.
                    keyframes.request(layer: index)
                    continue
                }
                if keyframes.take(layer: index) { encoder.requestKeyframe() }
                if let encoded = try encoder.encode(frame) { deliver(encoded, index) }
            }
        }
    }
}

/// Which layers are worth encoding.
final class LayerActivity: Sendable {
    private let active = Mutex<UInt64>(.max)

    func isActive(layer: Int) -> Bool {
        active.withLock { $0 & 1 << UInt64(layer & 63) != 0 }
    }

    func set(_ isActive: Bool, layer: Int) {
        let bit: UInt64 = 1 << UInt64(layer & 63)
        active.withLock { $0 = isActive ? $0 | bit : $0 & ~bit }
    }
}

/// The encoder of one layer, confined to its pipeline's task.
private final class LayerEncoder {
    private var encoder: VP8Encoder
    private let dimensions: Dimensions

    init(_ plan: VideoLayerPlan) throws(MediaError) {
        dimensions = plan.dimensions
        var configuration = VP8Encoder.Configuration(
            width: plan.dimensions.width, height: plan.dimensions.height, bitrate: plan.encoding.maxBitrate)
        configuration.framesPerSecond = plan.encoding.maxFps
        encoder = try VP8Encoder(configuration: configuration)
    }

    func requestKeyframe() {
        encoder.requestKeyframe()
    }

    /// Brings the frame to the layer's size and encodes it.
    func encode(_ frame: I420Frame) throws(MediaError) -> EncodedVideoFrame? {
        let fits = frame.width == dimensions.width && frame.height == dimensions.height
        return try encoder.encode(
            fits ? frame : frame.scaled(toWidth: dimensions.width, height: dimensions.height))
    }
}
