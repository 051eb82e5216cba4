internal import LiveKitRTC
internal import LiveKitRTCTransport

// Data channels, which a participant is reached by on one connection only.

extension ForwardedParticipant {
    /// What may wait on `_lossy` before new messages are dropped: some hundred milliseconds of a slow path.
    private static let lossyBacklog = 64 << 10

    /// The subscriber connection where that is the one offered first; else the client's own.
    private var dataSession: PeerSession? {
        options.offersSubscriberAtOnce ? subscriber?.session : publisher?.session
    }

    func send(_ bytes: [UInt8], kind: DataChannelKind) {
        guard let dataSession, let channel = dataSession.connection.channel(labelled: kind.label) else { return }
        if kind != .reliable, dataSession.connection.bufferedAmount(of: channel) > Self.lossyBacklog { return }
        // A full or closing channel: the peer is gone or hopelessly slow; its own timeouts end it.
        try? dataSession.connection.send(bytes, on: channel, now: room.core.now)
        dataSession.update()
    }

    func channelOpened(label: String, by session: PeerSession) {
        guard session === dataSession else { return }
        room.emit(.dataChannelOpened(sid, DataChannelKind(label: label)))
    }
}
