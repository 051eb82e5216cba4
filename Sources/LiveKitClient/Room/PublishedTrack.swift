internal import LiveKitRTC

/// What a session keeps of a track that it publishes.
struct PublishedTrack: Sendable {
    let transceiver: TransceiverID
    let encoder: EncoderControls
    let layers: [VideoLayerPlan]
}
