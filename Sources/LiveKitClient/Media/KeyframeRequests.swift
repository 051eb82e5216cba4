internal import Synchronization

/// Which layers of a video track need a key frame. Set on the media loop, looked at by the encoder; once for each
/// request and each picture, never for a packet.
final class KeyframeRequests: Sendable {
    private let wanted = Mutex<UInt64>(0)

    func request(layer: Int) {
        wanted.withLock { $0 |= 1 << UInt64(layer & 63) }
    }

    func requestAll() {
        wanted.withLock { $0 = .max }
    }

    /// Whether the layer needs one; asked once for each request.
    func take(layer: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(layer & 63)
        return wanted.withLock { value in
            defer { value &= ~bit }
            return value & bit != 0
        }
    }
}
