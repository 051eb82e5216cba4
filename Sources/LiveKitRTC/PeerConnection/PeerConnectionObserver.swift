package import LiveKitCore

/// Whoever owns a ``PeerConnection``, on the same loop. Media comes synchronously, packet by packet.
package protocol PeerConnectionObserver: AnyObject {
    /// One RTP packet, decrypted, retransmissions unwrapped. The bytes are only lent.
    func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket)
    /// The receiver of one of our streams wants something.
    func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback)
    /// Everything that is not media.
    func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent)
}

/// One RTP packet as the observer gets it.
@safe
package struct InboundPacket {
    /// Header and payload, in memory that is reused after the call.
    package let bytes: UnsafeMutableRawBufferPointer
    package let info: RTPPacketInfo
    /// The stream it belongs to.
    package let stream: InboundStream
    /// The sequence number without wraps.
    package let sequence: Int64
    let audioLevelID: UInt8?
    package let now: MediaInstant

    /// The level that the sender's header extension tells (RFC 6464), if it does.
    package var audioLevel: AudioLevel? {
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes))
        guard let audioLevelID, let range = info.extensionRange(id: audioLevelID, in: span) else { return nil }
        return try? AudioLevel(parsing: span.extracting(range.offset..<range.offset + range.size))
    }

    /// The payload without padding.
    package var payload: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[info.payloadOffset..<info.payloadOffset + info.payloadSize])
    }
}

/// What a receiver says about one of our streams.
package enum OutboundFeedback {
    /// These packets are missing.
    case lost(SSRC, [SequenceNumber])
    /// A key frame is needed (PLI or FIR).
    case keyframeRequest(SSRC)
    /// Loss and delay as the receiver sees them.
    case report(ReportBlock)
    /// The receiver's estimate of the bandwidth, in bits each second (REMB).
    case bandwidth(UInt64)
}

/// What a peer connection reports besides media.
package enum PeerConnectionEvent {
    case stateChanged(PeerConnection.State)
    case channelOpened(DataChannelID, label: String)
    case message(DataChannelID, label: String, [UInt8], isBinary: Bool)
    case channelClosed(DataChannelID, label: String)
    /// What waits on the channel fell to its threshold.
    case bufferedAmountLow(DataChannelID, label: String)
    /// Congestion control lets more be sent than before, or less.
    case allowanceChanged(SendAllowance)
}
