internal import LiveKitCore

/// Everything an association holds from the handshake on (RFC 9260's transmission control block).
///
/// What outlives it, the messages that wait and the channels, belongs to ``SCTPAssociation``.
struct TransmissionControl {
    let localTag: UInt32
    let peer: PeerDescription
    /// Proves that a cookie was made while this association existed (RFC 9260 §5.2.2).
    let tieTag: UInt64
    var received: ReceivedTSNs
    var acknowledgements: AcknowledgementSchedule
    var reassembly: ReassemblyQueue
    var retransmission: RetransmissionQueue
    var timeout: RetransmissionTimeout
    var streamReset: StreamReset
    var heartbeat: HeartbeatSchedule

    init(
        localTag: UInt32, localInitialTSN: TSN, peer: PeerDescription, tieTag: UInt64,
        configuration: SCTPConfiguration, now: MediaInstant
    ) {
        self.localTag = localTag
        self.peer = peer
        self.tieTag = tieTag
        received = ReceivedTSNs(peerInitialTSN: peer.initialTSN)
        acknowledgements = AcknowledgementSchedule(delay: configuration.acknowledgementDelay)
        let isInterleaved = peer.capabilities.contains(.interleaving)
        reassembly = ReassemblyQueue(
            isInterleaved: isInterleaved, maximumMessageSize: configuration.maximumReceivedMessageSize)
        retransmission = RetransmissionQueue(
            initialTSN: localInitialTSN, receiverWindow: peer.receiverWindow,
            packetSize: configuration.usablePacketSize, mayAbandon: peer.capabilities.allowsAbandoning,
            isInterleaved: isInterleaved)
        timeout = RetransmissionTimeout(configuration: configuration)
        streamReset = StreamReset(localInitialTSN: localInitialTSN, peerInitialTSN: peer.initialTSN)
        heartbeat = HeartbeatSchedule(interval: configuration.heartbeatInterval, now: now)
    }

    /// Whether both sides send I-DATA, and nothing else.
    var isInterleaved: Bool { peer.capabilities.contains(.interleaving) }

    var deadline: MediaInstant? {
        var earliest = MediaInstant.earliest(acknowledgements.deadline, retransmission.deadline)
        earliest = MediaInstant.earliest(earliest, streamReset.deadline)
        return MediaInstant.earliest(earliest, heartbeat.deadline)
    }

    /// Retransmissions and heartbeats in a row that nobody answered.
    var unanswered: Int {
        max(retransmission.expirations, streamReset.expirations, heartbeat.unanswered)
    }

    /// Whether a piece of data could go out now, so that a SACK can go with it.
    mutating func admitsData(nextSize: Int?) -> Bool {
        if retransmission.admitsLost() { return true }
        guard let nextSize else { return false }
        return retransmission.admitsNew(size: DataFragment.headerSize(isInterleaved: isInterleaved) + nextSize)
    }
}
