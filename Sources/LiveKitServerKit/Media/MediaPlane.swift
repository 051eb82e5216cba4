package import LiveKitCore

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
    /// Whether a datagram that is sent to the media port is answered in time.
    func answers(within limit: Duration) async -> Bool
    /// Returns once the media loop came to it: after as long as anything waits there now.
    func turn() async
    /// What was counted below the rooms since the last call.
    func takeCounts() async -> MediaPlaneCounts
    /// Ends all rooms and closes the sockets.
    func shutdown() async
}

/// What a media plane counts that belongs to no room.
package struct MediaPlaneCounts: Hashable, Sendable {
    /// Datagrams that belonged to no session.
    package var strangers = 0
    /// Datagrams that the kernel refused.
    package var sendFailures = 0
    /// How long packets took through the media loop at most, as samples of its turns.
    package var turns: [MediaDuration] = []

    package init() {}
}

extension MediaPlane {
    package func answers(within limit: Duration) async -> Bool { true }
    package func turn() async {}
    package func takeCounts() async -> MediaPlaneCounts { MediaPlaneCounts() }
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
    /// Lets participants of another room subscribe to a track of this one, until it ends here or is removed there.
    ///
    /// - Returns: whether that is possible.
    @discardableResult
    func lend(_ track: TrackSID, to other: any RoomMedia) -> Bool
    /// Closes every peer connection of the room.
    func close()
}
