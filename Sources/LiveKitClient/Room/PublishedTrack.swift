internal import LiveKitRTC

/// What a session keeps of a track that it publishes.
struct PublishedTrack: Sendable {
    let transceiver: TransceiverID
    let keyframes: KeyframeRequests
    let activity: LayerActivity
    let layers: [VideoLayerPlan]
}
