internal import LiveKitRTC

/// What a peer connection tells the room, off the packet path.
enum TransportEvent: Sendable {
    case stateChanged(TransportRole, PeerConnection.State)
    case channelOpened(TransportRole, label: String)
    case message(label: String, [UInt8])
    /// Gathering found another address of ours.
    case candidate(TransportRole, String)
}

/// Which of a participant's two connections.
enum TransportRole: Hashable, Sendable {
    /// Ours to offer: what we send.
    case publisher
    /// The server's to offer: what we receive.
    case subscriber
}
