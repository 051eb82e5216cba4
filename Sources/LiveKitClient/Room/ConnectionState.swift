/// Where a room's connection stands.
public enum ConnectionState: Hashable, Sendable {
    /// Not connected, or not any more.
    case disconnected
    /// Signalling and the media connection are being set up.
    case connecting
    /// Joined.
    case connected
}
