import LiveKitCore

@testable import LiveKitRTC

/// A peer connection whose peer holds the right keys and sends what it likes: RTP and RTCP that authenticate,
/// descriptions and datagrams of every other kind.
final class PeerConnectionModel {
    private static let certificate = try? DTLSCertificate()
    /// An offer with audio, simulcast video and data, made once.
    private static let offer = makeOffer()
    private static let address = TransportAddress(ipv4: 0x0A00_0002, port: 5000)
    private static let keys = SRTPKeyingMaterial.Master(
        key: .init(repeating: 1, count: 16), salt: .init(repeating: 2, count: 12))

    private let connection: PeerConnection
    private let batch: DatagramBatch
    private let observer = Observer()
    private let peer: SRTPSender
    private var now: MediaInstant = .start
    private var stream: OutboundStream?
    private var sequence: UInt16 = 0

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        guard let model = PeerConnectionModel(&input) else { return }
        var commands = 0
        while !input.isAtEnd, commands < 200 {
            model.step(&input)
            commands += 1
        }
        for _ in 0..<5 { model.passTime(.milliseconds(100)) }
    }

    private static func configuration(isOfferer: Bool, _ capabilities: MediaCapabilities)
        -> PeerConnectionConfiguration?
    {
        guard let certificate = certificate else { return nil }
        return PeerConnectionConfiguration(
            isOfferer: isOfferer, certificate: certificate, capabilities: capabilities, hostAddresses: [address],
            entropy: { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) } }, wallClockOffset: 1)
    }

    private static func makeOffer() -> String {
        guard let configuration = configuration(isOfferer: true, .liveKitClient) else { return "" }
        let connection = PeerConnection(configuration, output: DatagramBatch(capacity: 4), socket: 0, now: .start)
        for (kind, ssrcs) in [(SectionKind.audio, [1]), (.video, [2]), (.video, [3, 4, 5])] as [(SectionKind, [UInt32])]
        {
            _ = try? connection.addTransceiver(
                kind, direction: .sendonly,
                sender: SenderParameters(
                    streamID: "PA_\(ssrcs[0])", trackID: "TR_\(ssrcs[0])", cname: "c",
                    encodings: ssrcs.enumerated().map { index, ssrc in
                        .init(
                            rid: ssrcs.count > 1 ? ["q", "h", "f"][index] : nil, ssrc: SSRC(rawValue: ssrc),
                            rtxSSRC: kind == .video ? SSRC(rawValue: ssrc + 100) : nil)
                    }))
        }
        connection.openChannel(label: "_reliable", isOrdered: true, now: .start)
        return (try? connection.createOffer(now: .start)) ?? ""
    }

    private init?(_ input: inout CommandReader) {
        let flags = input.byte()
        guard
            let configuration = Self.configuration(
                isOfferer: false, flags & 1 == 0 ? .liveKitServerPublisher : .liveKitClient),
            let receiver = try? SRTPReceiver(Self.material), let sender = try? SRTPSender(Self.material),
            let peer = try? SRTPSender(Self.material)
        else { return nil }
        self.peer = peer
        batch = DatagramBatch(capacity: 64)
        connection = PeerConnection(configuration, output: batch, socket: 0, now: now)
        connection.observer = observer
        if flags & 2 == 0 {
            _ = try? connection.applyRemoteOffer(Self.offer, now: now)
            _ = try? connection.createAnswer(now: now)
        }
        connection.receiver = receiver
        connection.sender = sender
        for ssrc in connection.inbound.keys { connection.receiver?.allow(ssrc: ssrc) }
        connection.reportsDueAt = now + .milliseconds(20)
        batch.removeAll()
    }

    private static var material: SRTPKeyingMaterial {
        SRTPKeyingMaterial(profile: .aeadAES128GCM, local: keys, remote: keys)
    }

    private func step(_ input: inout CommandReader) {
        // What ICE and DTLS would have established.
        connection.trusted = (remote: Self.address, transport: .udp)
        switch input.number(below: 12) {
        case 0...3: receiveRTP(&input)
        case 4, 5, 6: receiveRTCP(&input)
        case 7: receive(input.block())
        case 8: passTime(.milliseconds(Int64(input.byte())))
        case 9: send(&input)
        case 10: negotiate(&input)
        default: receiveKnownRTCP(&input)
        }
        precondition(batch.entries.count <= 4096, "no end of packets")
        batch.removeAll()
    }

    // MARK: What the peer sends

    private func receiveRTP(_ input: inout CommandReader) {
        let ssrcs: [UInt32] = [1, 2, 3, 4, 5, 102, 103, 104, 105, 999, UInt32(input.byte())]
        let flags = input.byte()
        sequence &+= flags & 1 == 0 ? 1 : UInt16(input.byte())
        if flags & 2 != 0 { sequence = input.uint16() }
        var packet: [UInt8] = [0x80 | (flags & 0x3F) & 0x30, input.byte()]
        packet += [UInt8(sequence >> 8), UInt8(sequence & 0xFF), 0, input.byte(), input.byte(), 0]
        let ssrc = ssrcs[input.number(below: ssrcs.count)]
        packet += (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
        if packet[0] & 0x10 != 0 {
            var elements = input.block()
            while elements.count % 4 != 0 { elements.append(0) }
            packet += input.byte() > 40 ? [0xBE, 0xDE] : [0x10, 0]
            packet += [UInt8((elements.count / 4) >> 8), UInt8(elements.count / 4 & 0xFF)] + elements
        }
        packet += input.block()
        protect(packet, isControl: false)
    }

    private func receiveRTCP(_ input: inout CommandReader) {
        var packet: [UInt8] = []
        for _ in 0...input.number(below: 2) {
            var content = input.block()
            while content.count % 4 != 0 || content.count < 4 { content.append(0) }
            packet +=
                [0x80 | input.byte() & 0x3F, 200 + input.byte() % 8, 0, UInt8(content.count / 4 & 0xFF)] + content
        }
        protect(packet, isControl: true)
    }

    /// Feedback that says something of the streams there are.
    private func receiveKnownRTCP(_ input: inout CommandReader) {
        let ssrcs = [stream?.ssrc.rawValue ?? 1, 1, 2, 3, connection.controlSSRC.rawValue]
        let ssrc = ssrcs[input.number(below: ssrcs.count)]
        let target = (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
        let kinds: [(UInt8, UInt8)] = [
            (1, 205), (15, 205), (1, 206), (4, 206), (15, 206), (1, 201), (1, 200), (1, 203),
        ]
        let (format, type) = kinds[input.number(below: kinds.count)]
        var content = [0, 0, 0, 1] + target + input.block()
        while content.count % 4 != 0 { content.append(0) }
        protect([0x80 | format, type, 0, UInt8(content.count / 4 & 0xFF)] + content, isControl: true)
    }

    private func protect(_ packet: [UInt8], isControl: Bool) {
        var bytes = packet + [UInt8](repeating: 0, count: SRTPProfile.maximumOverhead)
        let size: Int? = unsafe bytes.withUnsafeMutableBytes { buffer in
            isControl
                ? unsafe try? peer.protectRTCP(buffer, count: packet.count)
                : unsafe try? peer.protect(buffer, count: packet.count)
        }
        guard let size else { return }
        receive(Array(bytes.prefix(size)))
    }

    private func receive(_ datagram: [UInt8]) {
        var bytes = datagram
        unsafe bytes.withUnsafeMutableBytes { buffer in
            _ = unsafe connection.receive(buffer, from: Self.address, now: now)
        }
    }

    // MARK: What the owner does

    private func passTime(_ duration: MediaDuration) {
        now = now + duration
        connection.handleTimeout(now: now)
        batch.removeAll()
    }

    private func send(_ input: inout CommandReader) {
        if stream == nil {
            let made = OutboundStream(ssrc: SSRC(rawValue: 77), clockRate: 90_000)
            connection.add(made)
            stream = made
        }
        guard let stream else { return }
        let payload = input.block()
        guard var run = connection.beginRun() else { return }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: UInt8(0x80), at: 0)
        span.rewriteRTPHeader(
            payloadType: input.byte() & 127, marker: input.flag(),
            sequenceNumber: SequenceNumber(rawValue: input.uint16()), timestamp: 0, ssrc: stream.ssrc)
        span.store(payload.rawSpan, at: 12)
        unsafe run.send(
            slot, count: 12 + payload.count, on: stream, timestamp: 0, payloadSize: payload.count, now: now)
        connection.finish(run)
    }

    private func negotiate(_ input: inout CommandReader) {
        let changed = input.mutation(of: Array(Self.offer.utf8))
        switch input.number(below: 4) {
        case 0: _ = try? connection.applyRemoteOffer(String(decoding: changed, as: UTF8.self), now: now)
        case 1: _ = try? connection.createAnswer(now: now)
        case 2: connection.rollback()
        default: connection.addRemoteCandidate(String(decoding: input.block(), as: UTF8.self), now: now)
        }
    }

    /// Looks at everything that it is shown, as an owner would.
    private final class Observer: PeerConnectionObserver {
        func peerConnection(_ connection: PeerConnection, didReceive packet: InboundPacket) {
            _ = packet.audioLevel
            unsafe precondition(packet.payload.count <= packet.bytes.count, "a payload larger than its packet")
            connection.requestKeyframe(packet.stream, now: packet.now)
        }

        func peerConnection(_ connection: PeerConnection, didReceive feedback: OutboundFeedback) {}
        func peerConnection(_ connection: PeerConnection, didReport event: PeerConnectionEvent) {}
    }
}
