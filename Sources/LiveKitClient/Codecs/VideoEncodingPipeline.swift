internal import LiveKitMedia
internal import Synchronization

/// Encodes a published video track's frames in all its layers, one frame after the other.
struct VideoEncodingPipeline: Sendable {
    let frames: AsyncStream<I420Frame>
    let layers: [VideoLayerPlan]
    let encoder: EncoderControls
    /// Takes an encoded picture and the index of its layer.
    let deliver: @Sendable (EncodedVideoFrame, Int) -> Void

    /// Runs until the frames end.
    func run() async throws {
        let encoders = try layers.map(LayerEncoder.init)
        for await frame in frames where !encoder.rates.skipsFrame() {
            for (index, layer) in encoders.enumerated() {
                guard encoder.activity.isActive(layer: index), let bitrate = encoder.rates.bitrate(layer: index) else {
                    // Whoever watches again needs a key frame, and so does a layer that there was no room for.
                    encoder.keyframes.request(layer: index)
                    continue
                }
                if encoder.keyframes.take(layer: index) { layer.requestKeyframe() }
                try layer.follow(bitrate)
                if let encoded = try layer.encode(frame) { deliver(encoded, index) }
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
        // Rather fewer pictures than more bits than the path carries.
        configuration.dropsFrames = true
        encoder = try VP8Encoder(configuration: configuration)
    }

    func requestKeyframe() {
        encoder.requestKeyframe()
    }

    /// Follows the rate; changes below a fiftieth are not worth a new configuration.
    func follow(_ bitrate: Int) throws(MediaError) {
        let current = encoder.configuration.bitrate
        guard abs(bitrate - current) * 50 > current else { return }
        try encoder.setBitrate(bitrate)
    }

    /// Brings the frame to the layer's size and encodes it.
    func encode(_ frame: I420Frame) throws(MediaError) -> EncodedVideoFrame? {
        let fits = frame.width == dimensions.width && frame.height == dimensions.height
        return try encoder.encode(
            fits ? frame : frame.scaled(toWidth: dimensions.width, height: dimensions.height))
    }
}
