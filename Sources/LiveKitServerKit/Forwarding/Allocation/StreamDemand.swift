internal import LiveKitRTC

/// What one video track asks of a subscriber's path.
struct StreamDemand: Equatable {
    /// A layer that sends.
    struct Layer: Equatable {
        /// 0 lowest.
        var index: Int
        /// What it takes of the path, headers included; `nil` until it was measured.
        var bitrate: Bitrate?
    }

    let track: TrackSID
    /// 1 to 255; what is scarce goes to the higher first.
    var priority: UInt8
    /// The highest layer that the subscriber wants.
    var wanted: Int
    /// Whether it is to be sent at all: neither muted, nor disabled by the subscriber.
    var isFlowing: Bool
    /// The layers that the publisher sends now, lowest first.
    var layers: [Layer]

    /// LiveKit's, where the subscriber names none.
    static let screenSharePriority: UInt8 = 255
    static let videoPriority: UInt8 = 1

    /// The layers that come into question.
    var usable: [Layer] { layers.filter { $0.index <= wanted } }
}
