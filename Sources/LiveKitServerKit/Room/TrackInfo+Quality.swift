internal import LiveKitProtobuf

// Which layer is enough for a picture of some size.

extension Livekit_TrackInfo {
    /// A layer is enough that has nine tenths of the height that is asked for.
    private static let tolerance: Float = 0.9

    /// The lowest quality that is enough; the highest where the track says nothing of its size. LiveKit's rule: heights
    /// are compared, of a portrait without layers the widths.
    func quality(forWidth width: UInt32, height: UInt32) -> Livekit_VideoQuality {
        guard type == .video, self.height > 0 else { return .high }
        let isPortrait = layers.isEmpty && self.width < self.height
        let wanted = UInt32(Float(isPortrait ? width : height) * Self.tolerance)
        let sorted = layers.sorted { $0.height < $1.height }
        let sizes = layers.isEmpty ? [180, 360, min(self.width, self.height)] : sorted.map(\.height)
        let index =
            sizes.indices.first { index in
                index == sizes.count - 1 || sizes[index] >= wanted && sizes[index] != sizes[index + 1]
            } ?? sizes.count - 1
        return layers.isEmpty ? Livekit_VideoQuality(rawValue: index) ?? .high : sorted[index].quality
    }
}

extension Livekit_VideoQuality {
    /// 0 low, 1 medium, 2 high.
    var layerIndex: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high, .off, .UNRECOGNIZED: 2
        }
    }
}
