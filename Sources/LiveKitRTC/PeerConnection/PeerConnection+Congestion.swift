package import LiveKitCore

// Congestion control of what we send, where the configuration asks for it, and what we report to peers for theirs.
extension PeerConnection {
    /// What may be sent; `nil` without congestion control.
    package func allowance(now: MediaInstant) -> SendAllowance? { control?.allowance(now: now) }

    /// Tells what would be sent if it could: all layers of all tracks. Probes look for no more; `nil` is as much as
    /// possible.
    package func setDemand(_ demand: Bitrate?, now: MediaInstant) {
        control?.setDemand(demand, now: now)
    }

    /// Whether what is sent is numbered for transport-wide feedback: that was agreed on for a section that sends.
    package var isNumbering: Bool { control?.isNumbering ?? false }

    /// The header extension that packets of the section are to carry; its value is written when they leave.
    package func element(in section: NegotiatedSection) -> NumberElement { control?.element(in: section) ?? .none }

    // MARK: Out

    /// Does what is due, lets leave what the pacer lets, and tells what changed by it.
    func advanceCongestion(now: MediaInstant) {
        guard let control else { return }
        control.handleTimeout(now: now)
        sendPaced(now: now)
        guard let allowance = control.pollAllowance(now: now) else { return }
        observer?.peerConnection(self, didReport: .allowanceChanged(allowance))
    }

    /// Tells nothing: whoever sends is in the middle of it. What changed is told at the next deadline, or feedback.
    func sendPaced(now: MediaInstant) {
        guard let control, control.mayRelease(now: now), var run = beginRun() else { return }
        while let release = control.poll(now: now) {
            guard send(release, in: &run, control: control, now: now) else {
                control.refuse(release)
                continue
            }
        }
        finish(run)
        // The first packet of all begins the first probes.
        control.follow(now: now)
    }

    private func send(
        _ release: Pacer.Release, in run: inout OutgoingRun, control: SendControl, now: MediaInstant
    ) -> Bool {
        let slot = unsafe run.reserve()
        switch release {
        case .packet(let paced, let probe):
            guard let (packet, size) = unsafe control.take(paced, into: slot),
                // The counters of a stream's keys end with the stream (RFC 3711 §3.2.3).
                outbound[packet.stream.ssrc] === packet.stream
            else { return false }
            return unsafe run.emit(
                slot, count: size, of: packet.stream, packet.media, madeAt: packet.madeAt,
                probeCluster: probe, now: now)
        case .padding(let byteCount, let probe):
            guard let size = unsafe control.writeProbe(byteCount: byteCount, into: slot, now: now) else { return false }
            return unsafe run.transmit(slot, count: size, probeCluster: probe, now: now)
        }
    }

    // MARK: In

    /// Notes a packet's arrival for the sender's congestion control, in the way that was agreed on.
    func noteArrival(_ info: RTPPacketInfo, in span: RawSpan, now: MediaInstant) {
        switch sections.feedback {
        case .transport:
            guard let id = sections.extensions.transportSequence, let range = info.extensionRange(id: id, in: span),
                range.size >= 2
            else { return }
            let number = unsafe UInt16(
                bigEndian: span.unsafeLoadUnaligned(fromByteOffset: range.offset, as: UInt16.self))
            feedbackSSRC = info.ssrc
            transportFeedback.receive(SequenceNumber(rawValue: number), marker: info.marker, now: now)
        case .estimate:
            guard let id = sections.extensions.absoluteSendTime, let range = info.extensionRange(id: id, in: span),
                let time = try? AbsoluteSendTime(parsing: span.clamped(offset: range.offset, size: range.size))
            else { return }
            bandwidthEstimator.receive(sentAt: time, byteCount: span.byteCount, now: now)
        case .none: break
        }
    }

    /// Sends the feedback that is due.
    func sendCongestionFeedback(now: MediaInstant) {
        while let feedback = transportFeedback.poll(now: now, sender: controlSSRC, media: feedbackSSRC) {
            sendRTCP([.transportFeedback(feedback)])
        }
        guard sections.feedback == .estimate, let due = bandwidthEstimator.deadline, due <= now,
            let estimate = bandwidthEstimator.poll(
                now: now, sender: controlSSRC, streams: inbound.keys.prefix(RTPLimits.streamsInEstimate).map(\.self))
        else { return }
        sendRTCP([
            .receiverReport(ReceiverReport(sender: controlSSRC, reports: [])),
            .receiverEstimatedMaximumBitrate(estimate),
        ])
    }
}
