internal import LiveKitCore
internal import LiveKitRTC

/// One published track on the media loop.
protocol MediaSender: AnyObject {
    var kind: SectionKind { get }
    /// The cid that add_track and msid name the track by.
    var clientID: String { get }
    var streams: [OutboundStream] { get }
    /// What was agreed: from now on packets can be made.
    func negotiated(_ section: NegotiatedSection, localTime now: MediaInstant)
    func retransmit(_ missing: [SequenceNumber], of ssrc: SSRC, through transport: PeerTransport)
    func requestKeyframe(of ssrc: SSRC)
    func receive(_ report: ReportBlock)
    /// What of the connection's rate the track needs, and what it can use, packets and all.
    var demand: BitrateSharing.Demand { get }
    /// Takes the track's share of the connection's rate.
    func setRate(_ rate: Bitrate, isBacklogged: Bool)
}

/// One subscribed track on the media loop.
protocol MediaReceiver: AnyObject {
    var mid: String { get }
    /// When ``drain(now:connection:)`` has something to do that no packet brought.
    var deadline: MediaInstant? { get }
    /// A stream of RTP packets begins.
    func begin(_ stream: InboundStream)
    func receive(_ packet: InboundPacket)
    /// Hands on what is ready.
    func drain(now: MediaInstant, connection: PeerConnection)
}
