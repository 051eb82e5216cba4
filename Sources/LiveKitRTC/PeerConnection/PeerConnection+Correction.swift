package import LiveKitCore

// Forward error correction, both ways (FlexFEC-03), where it was asked for and agreed on.
extension PeerConnection {
    /// Protects a stream of ours by repair packets under `ssrc`, which the description announced for it, and tells
    /// whether the section agreed on it.
    @discardableResult
    package func protect(
        _ stream: OutboundStream, in section: NegotiatedSection, ssrc: SSRC
    ) -> Bool {
        guard let options = configuration.forwardErrorCorrection, section.direction.sends,
            let codec = section.codecs.first(where: \.isFlexFEC)
        else { return false }
        let extensions = FlexFECMutableExtensions(section.extensions)
        // Congestion control sees repair packets too.
        let numberID = control == nil ? nil : extensions.transportSequence.flatMap { $0 <= 14 ? $0 : nil }
        stream.correction = OutboundCorrection(
            ssrc: ssrc, payloadType: codec.payloadType,
            machine: FlexFECSender(
                protected: stream.ssrc, configuration: options, mutableExtensions: extensions),
            // Below 2^15, so that the first wrap, which SRTP must guess, is far.
            firstNumber: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: random.next() & 0x7FFF)),
            transportSequenceID: numberID)
        return true
    }

    // MARK: Out

    func sendDueCorrections(now: MediaInstant) {
        guard var run = beginRun() else { return }
        for stream in outbound.values {
            guard let correction = stream.correction, let due = correction.machine.deadline, due <= now else {
                continue
            }
            correction.machine.handleTimeout(now: now)
            run.sendCorrections(of: stream, now: now)
        }
        finish(run)
    }

    // MARK: In

    /// A stream of repair packets that no description named takes the place of the one before.
    func note(correction ssrc: SSRC, of primary: SSRC) {
        for (former, protected) in corrections where protected == primary && sections.corrections[former] == nil {
            receiver?.remove(ssrc: former)
            corrections[former] = nil
        }
        corrections[ssrc] = primary
        receiver?.allow(ssrc: ssrc)
        if let stream = inbound[primary] { beginCorrection(of: stream) }
    }

    /// An unannounced stream of repair packets says itself what it protects.
    func bindCorrection(_ info: RTPPacketInfo, section: NegotiatedSection, in packet: RawSpan) {
        let payload = packet.clamped(offset: info.payloadOffset, size: info.payloadSize)
        guard let (header, _) = try? FlexFECHeader.parse(payload), inbound[header.protected]?.section == section.index
        else { return }
        note(correction: info.ssrc, of: header.protected)
    }

    func beginCorrection(of stream: InboundStream) {
        guard stream.correction == nil, let section = sections.section(mid: stream.mid) else { return }
        stream.correction = FlexFECReceiver(
            protected: stream.ssrc, mutableExtensions: FlexFECMutableExtensions(section.extensions))
    }

    func receiveCorrection(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, of primary: SSRC, now: MediaInstant
    ) {
        guard let stream = inbound[primary] else { return }
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(packet))
        stream.correction?.receive(repair: span.clamped(offset: info.payloadOffset, size: info.payloadSize))
        deliverCorrected(stream, now: now)
    }

    /// Hands on what was recovered, as if it had been received.
    func deliverCorrected(_ stream: InboundStream, now: MediaInstant) {
        while var packet = stream.correction?.pollRecovered() {
            guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else { continue }
            statistics.packetsCorrected &+= 1
            unsafe packet.withUnsafeMutableBytes { bytes in
                unsafe deliver(bytes, info, to: stream, now: now, isRetransmission: true)
            }
        }
    }
}
