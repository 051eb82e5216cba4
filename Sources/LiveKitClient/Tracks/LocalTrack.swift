/// A track of ours, published or not.
public protocol LocalTrack: Track {
    /// Whether its pictures or its sound are held back.
    var isMuted: Bool { get }
}

/// A track of another participant's.
public protocol RemoteTrack: Track {}
