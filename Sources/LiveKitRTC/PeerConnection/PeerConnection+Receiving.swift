package import LiveKitCore

// What comes in from the network.
extension PeerConnection {
    /// Takes one datagram of a UDP socket, decrypting in place.
    ///
    /// - Returns: Whether ICE vouches for the sender's address.
    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        unsafe receive(datagram, from: remote, over: .udp, now: now)
    }

    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, over transport: ICETransport,
        now: MediaInstant
    ) -> Bool {
        guard state != .closed, let first = unsafe datagram.first else { return false }
        // RFC 7983 §7.
        switch first {
        case 0...3:
            agent.receive(
                unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)), from: remote, to: anyLocalAddress,
                transport: transport, now: now)
            drain(now: now)
            return isTrusted(remote, transport)
        case 20...63 where isTrusted(remote, transport):
            unsafe dtls?.receive(datagram: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)), now: now)
            drain(now: now)
            return true
        case 128...191 where isTrusted(remote, transport):
            unsafe receiveSRTP(datagram, now: now)
            return true
        default:
            statistics.strangers &+= 1
            return false
        }
    }

    /// Our socket is bound to all addresses; the agent takes the first candidate of the family for it.
    private var anyLocalAddress: TransportAddress { TransportAddress(ipv4: 0, port: 0) }

    /// DTLS and SRTP count only from an address that passed an authenticated check.
    private func isTrusted(_ remote: TransportAddress, _ transport: ICETransport) -> Bool {
        if let trusted, trusted.remote == remote, trusted.transport == transport { return true }
        guard agent.isValid(remote: remote, local: anyLocalAddress, transport: transport) else { return false }
        trusted = (remote: remote, transport: transport)
        return true
    }

    private func receiveSRTP(_ datagram: UnsafeMutableRawBufferPointer, now: MediaInstant) {
        guard let receiver else {
            statistics.strangers &+= 1
            return
        }
        guard (8...RTPLimits.packetSize).contains(datagram.count) else {
            statistics.refused &+= 1
            return
        }
        // RFC 5761 §4: payload types 64...95 with the marker bit are RTCP's.
        let isControl = unsafe (192...223).contains(datagram[1])
        do {
            if isControl {
                let size = try unsafe receiver.unprotectRTCP(datagram)
                unsafe receiveRTCP(UnsafeRawBufferPointer(rebasing: datagram[..<size]), now: now)
            } else {
                let size = try unsafe receiver.unprotectRTP(datagram)
                unsafe receiveRTP(UnsafeMutableRawBufferPointer(rebasing: datagram[..<size]), now: now)
            }
        } catch .replayed {
            statistics.replayed &+= 1
        } catch {
            // RFC 3711 §3.3: silently discarded; an attacker must not be able to end a call.
            statistics.refused &+= 1
        }
    }

    private func receiveRTP(_ packet: UnsafeMutableRawBufferPointer, now: MediaInstant) {
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(packet))
        guard let info = try? RTPPacketInfo(parsing: span) else {
            statistics.refused &+= 1
            return
        }
        statistics.packetsReceived &+= 1
        statistics.bytesReceived &+= packet.count
        noteArrival(info, in: span, now: now)
        if unsafe route(packet, info, now: now) { return }
        if let stream = bind(info, in: span, now: now) {
            unsafe receiveMedia(packet, info, of: stream, now: now)
        } else if unsafe !route(packet, info, now: now) {
            statistics.unknownStreams &+= 1
        }
    }

    /// Takes the packet of a stream that is known. Returns whether it is.
    private func route(_ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, now: MediaInstant) -> Bool {
        if let stream = inbound[info.ssrc] {
            unsafe receiveMedia(packet, info, of: stream, now: now)
        } else if let primary = repairs[info.ssrc] {
            unsafe receiveRepair(packet, info, of: primary, now: now)
        } else if let primary = corrections[info.ssrc] {
            unsafe receiveCorrection(packet, info, of: primary, now: now)
        } else {
            return false
        }
        return true
    }

    private func receiveMedia(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, of stream: InboundStream, now: MediaInstant
    ) {
        // Before the observer may write into it.
        unsafe stream.correction?.receive(media: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(packet)), info: info)
        unsafe deliver(packet, info, to: stream, now: now)
        deliverCorrected(stream, now: now)
    }

    /// Hands a packet of the stream to the observer.
    func deliver(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, to stream: InboundStream, now: MediaInstant,
        isRetransmission: Bool = false
    ) {
        switch stream.select(payloadType: info.payloadType, in: sections) {
        case .media:
            let isNew = stream.redundancy?.receivePlain(info) ?? true
            unsafe hand(packet, info, of: stream, isRetransmission: isRetransmission, isNew: isNew, now: now)
        case .redundantMedia:
            unsafe deliverRedundant(packet, info, to: stream, isRetransmission: isRetransmission, now: now)
        case .foreign:
            statistics.unknownStreams &+= 1
        }
    }

    /// Counts a packet and tells the observer of it. One that redundancy brought before is only counted.
    func hand(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, of stream: InboundStream,
        isRetransmission: Bool, isNew: Bool = true, now: MediaInstant
    ) {
        let sequence = stream.note(info, isRetransmission: isRetransmission, now: now)
        guard isNew else { return }
        unsafe observer?.peerConnection(
            self,
            didReceive: InboundPacket(
                bytes: packet, info: info, stream: stream, sequence: sequence,
                audioLevelID: stream.kind == .audio ? sections.extensions.audioLevel : nil, now: now))
    }

    private func receiveRepair(
        _ packet: UnsafeMutableRawBufferPointer, _ info: RTPPacketInfo, of primary: SSRC, now: MediaInstant
    ) {
        // Padding alone is a probe for bandwidth (RFC 4588 §4 asks for two bytes at least).
        guard let stream = inbound[primary], info.payloadSize >= RTXPacket.overhead,
            let payloadType = sections.section(mid: stream.mid)?.repairedType(of: info.payloadType)
        else { return }
        var span = unsafe MutableRawSpan(_unsafeBytes: packet)
        guard RTXPacket.unwrap(&span, info: info, payloadType: payloadType, ssrc: primary) else { return }
        let original = unsafe UnsafeMutableRawBufferPointer(rebasing: packet[RTXPacket.overhead...])
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(original))
        guard let unwrapped = try? RTPPacketInfo(parsing: bytes) else { return }
        stream.correction?.receive(retransmission: unwrapped.sequenceNumber)
        unsafe deliver(original, unwrapped, to: stream, now: now, isRetransmission: true)
    }
}
