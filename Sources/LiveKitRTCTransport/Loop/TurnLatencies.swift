package import LiveKitCore

/// How long the newest turns of a media loop took, from their datagrams' arrival until what they made was sent. No packet
/// of a turn took longer through it.
package struct TurnLatencies: Sendable {
    /// Turns that are remembered between two looks, as samples of them all.
    package static let capacity = 256

    private var ring = [MediaDuration](repeating: .zero, count: capacity)
    private var count = 0

    mutating func note(_ latency: MediaDuration) {
        ring[count % Self.capacity] = latency
        count &+= 1
    }

    /// Those since the last call, the newest if there were too many.
    package mutating func take() -> [MediaDuration] {
        defer { count = 0 }
        return Array(ring.prefix(count))
    }
}
