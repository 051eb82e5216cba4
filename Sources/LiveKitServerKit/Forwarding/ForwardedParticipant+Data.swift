internal import LiveKitRTC
internal import LiveKitRTCTransport

// Data channels, which a participant is reached by on one connection only.

extension ForwardedParticipant {
    /// The subscriber connection where that is the one offered first; else the client's own.
    private var dataSession: PeerSession? {
        options.offersSubscriberAtOnce ? subscriber?.session : publisher?.session
    }

    func send(_ bytes: [UInt8], kind: DataChannelKind) {
        guard let dataSession else { return }
        let isWell = gates.send(bytes, kind, on: dataSession.connection, now: room.core.now)
        if !isWell { room.emit(.dataChannelFailed(sid, kind)) }
        dataSession.update()
    }

    func channelOpened(label: String, by session: PeerSession) {
        guard session === dataSession else { return }
        let kind = DataChannelKind(label: label)
        gates.opened(kind)
        room.emit(.dataChannelOpened(sid, kind))
    }

    func channelClosed(label: String, by session: PeerSession) {
        if session === dataSession { gates.closed(DataChannelKind(label: label)) }
    }
}
