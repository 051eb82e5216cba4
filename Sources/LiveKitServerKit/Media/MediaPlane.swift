/// The server's media half: sockets, loops and one forwarding half for each room.
///
/// A protocol, because the control plane's tests stand on one that only records, so that they can inject
/// what a network does.
package protocol MediaPlane: Sendable {
    /// Opens a room's forwarding half. `report` is called on a media loop with batches of events and must
    /// return at once.
    func openRoom(_ room: RoomSID, report: @escaping @Sendable ([MediaEvent]) -> Void) -> any RoomMedia
    /// The UDP port in use, for logs and the banner; `nil` before the start.
    var udpPort: UInt16? { get }
    /// Ends all rooms and closes the sockets.
    func shutdown() async
}

/// One room's forwarding half, as its control half sees it.
package protocol RoomMedia: Sendable {
    /// Hands over a batch of commands, carried out in order on the room's media loop. Never blocks.
    func send(_ commands: [MediaCommand])
    /// Hands a participant over to another room, with its peer connections and what it publishes, after all commands
    /// that were sent before. What it was sent here ends, and so does what others here were sent of it.
    ///
    /// - Returns: whether that is possible. If not, nothing was changed.
    func move(_ participant: ParticipantSID, to other: any RoomMedia) -> Bool
    /// Closes every peer connection of the room.
    func close()
}
