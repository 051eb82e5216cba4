internal import LiveKitCore

// Redundant audio (RFC 2198) on its way in: the observer only sees plain packets.
extension PeerConnection {
    func deliverRedundant(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, to stream: InboundStream,
        isRetransmission: Bool, now: MediaInstant
    ) {
        let payload = unsafe UnsafeRawBufferPointer(
            rebasing: packet[info.payloadOffset..<info.payloadOffset + info.payloadSize])
        var redundancy = stream.redundancy.take() ?? REDReceiver()
        let plain = try? redundancy.receive(
            unsafe RawSpan(_unsafeBytes: payload), info: info, primaryType: stream.codec.payloadType)
        stream.redundancy = redundancy
        guard let plain else {
            statistics.refused &+= 1
            return
        }
        // One that was repeated before is counted all the same.
        if plain.last?.isRecovered ?? true {
            _ = stream.note(info, isRetransmission: isRetransmission, now: now)
        }
        for part in plain {
            if part.isRecovered { statistics.packetsRepeated &+= 1 }
            unsafe deliver(
                part, at: payload, of: packet, info, to: stream,
                isRetransmission: isRetransmission || part.isRecovered, now: now)
        }
    }

    /// Makes a packet of its own: the header is the redundant packet's but for what differs. Its audio level is that of
    /// the later packet, which is near enough.
    private func deliver(
        _ part: REDReceiver.Plain, at payload: UnsafeRawBufferPointer, of packet: UnsafeMutableRawBufferPointer,
        _ info: RTPPacketInfo, to stream: InboundStream, isRetransmission: Bool, now: MediaInstant
    ) {
        let size = info.headerSize + part.size
        unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: packet[..<info.headerSize]))
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[info.headerSize...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: payload[part.offset..<part.offset + part.size]))
            // No padding: it ended with the redundant packet.
            unsafe bytes[0] &= ~0x20
            var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
            span.rewriteRTPHeader(
                payloadType: stream.codec.payloadType, marker: info.marker && !part.isRecovered,
                sequenceNumber: part.sequenceNumber, timestamp: part.timestamp, ssrc: info.ssrc)
            guard let plain = try? RTPPacketInfo(parsing: span.bytes) else { return }
            unsafe hand(bytes, plain, of: stream, isRetransmission: isRetransmission, now: now)
        }
    }
}
