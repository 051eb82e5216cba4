package import LiveKitCore

// Media on its way out.
extension PeerConnection {
    /// Whether media can be sent now.
    package var canSend: Bool { sender != nil && agent.selectedPath != nil }

    /// Wishes a transceiver; an offer is needed for it.
    package func addTransceiver(
        _ kind: SectionKind, direction: MediaDirection, sender: SenderParameters?
    ) throws(NegotiationError) -> TransceiverID {
        try negotiator.addTransceiver(kind, direction: direction, sender: sender)
    }

    package func stopSending(_ id: TransceiverID) throws(NegotiationError) {
        try negotiator.stopSending(id)
    }

    package func mid(of id: TransceiverID) -> String? { negotiator.mid(of: id) }

    /// A number for a stream of ours that no other stream here uses.
    package func unusedSSRC() -> SSRC {
        while true {
            let ssrc = SSRC(rawValue: UInt32(truncatingIfNeeded: random.next()))
            if ssrc.rawValue != 0, ssrc != controlSSRC, inbound[ssrc] == nil, outbound[ssrc] == nil { return ssrc }
        }
    }

    /// The name that ties our streams together (RFC 3550 §6.5.1).
    package var canonicalName: String { cname }

    package func add(_ stream: OutboundStream) {
        outbound[stream.ssrc] = stream
    }

    package func remove(_ stream: OutboundStream, rtxSSRC: SSRC? = nil) {
        outbound[stream.ssrc] = nil
        sender?.retire(ssrc: stream.ssrc)
        if let correction = stream.correction { sender?.retire(ssrc: correction.ssrc) }
        if let rtxSSRC { sender?.retire(ssrc: rtxSSRC) }
    }

    /// Starts a run of packets, or `nil` while nothing can be sent. End it with ``finish(_:)``.
    package func beginRun() -> OutgoingRun? {
        guard let sender, let route = selectedRoute else { return nil }
        return OutgoingRun(
            sender: sender, output: output, destination: route.destination, socket: route.socket, control: control)
    }

    /// Counts what a run sent, and lets leave what the pacer lets.
    package func finish(_ run: consuming OutgoingRun) {
        statistics.packetsSent &+= run.packetCount
        statistics.bytesSent &+= run.byteCount
        statistics.packetsResent &+= run.resentPackets
        statistics.bytesResent &+= run.resentBytes
        if let now = run.queuedAt { sendPaced(now: now) }
    }

    /// Protects and sends RTCP packets as one compound.
    func sendRTCP(_ packets: [RTCPPacket]) {
        guard let sender, let route = selectedRoute, !packets.isEmpty else { return }
        let bytes = RTCPCompound(packets).encoded()
        let slot = unsafe output.reserve()
        guard bytes.count + sender.profile.controlOverhead <= slot.count else { return }
        unsafe slot.copyBytes(from: bytes)
        guard let size = unsafe try? sender.protectRTCP(slot, count: bytes.count) else { return }
        output.commit(size, to: route.destination, socket: route.socket)
    }

    /// Asks the peer for a key frame, unless the stream's ``InboundStream/keyframes`` find it too soon.
    package func requestKeyframe(_ stream: InboundStream, now: MediaInstant) {
        guard let request = stream.keyframes.request(from: controlSSRC, of: stream.ssrc, now: now) else { return }
        if case .fullIntraRequest = request {
            statistics.sentFeedback.fullIntraRequests &+= 1
        } else {
            statistics.sentFeedback.pictureLossIndications &+= 1
        }
        sendRTCP([.receiverReport(ReceiverReport(sender: controlSSRC, reports: [])), request])
    }
}
