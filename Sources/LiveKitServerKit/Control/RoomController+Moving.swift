internal import LiveKitCore
internal import LiveKitProtobuf

extension RoomController {
    /// The first protocol of clients that can be moved with their connections.
    private static let movingProtocol: Int32 = 16

    /// Moves a participant to another room. A client that knows how keeps its connections; an older one is given a
    /// token for the other room and told to connect again.
    ///
    /// - Returns: `false` when nobody here has that identity.
    func move(_ identity: String, to other: RoomController) async throws(JoinRefusal) -> Bool {
        guard let asked = participant(named: identity), !asked.isForwarded else { return false }
        try await other.expect(asked)
        // Whoever left meanwhile is not moved; from here to the other room's turn nothing is awaited.
        guard let participant = participant(named: identity), participant.sid == asked.sid else {
            await other.expectNoMore(asked.sid)
            return false
        }
        guard participant.client.protocol >= Self.movingProtocol, moveMedia(of: participant.sid, to: other),
            let session = release(participant, to: other)
        else {
            sendAway(participant, to: other.name)
            await other.expectNoMore(asked.sid)
            return true
        }
        try await other.adopt(participant, session)
        return true
    }
}
