/// Wakes whoever keeps a copy of the rooms. What changed, the rooms say themselves (``RoomController/isChanged``).
struct RoomChanges: Sendable {
    /// Any number of changes are one wake.
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    var stream: AsyncStream<Void> { wakes.stream }

    func tell() { wakes.continuation.yield() }
}
