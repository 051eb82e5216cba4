import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// A connected call in which the left side sends one stream.
private final class MediaCall {
    let call: CallSimulation
    let stream: OutboundStream
    let fecSSRC: SSRC
    let kind: SectionKind
    private(set) var section: NegotiatedSection
    /// Media packets on their way to the right side, counted, whose loss the test decides.
    var isLost: (Int) -> Bool = { _ in false }
    private(set) var sentToRight = 0

    init(
        _ kind: SectionKind, codecs: [String], left: MediaCapabilities = .liveKitServerSubscriber,
        right: MediaCapabilities = .liveKitClient, correction: FlexFECSender.Configuration? = nil,
        rightCorrects: Bool = true
    ) throws {
        self.kind = kind
        call = try CallSimulation(seed: 7, leftCapabilities: left, rightCapabilities: right) { configuration in
            if configuration.isOfferer || rightCorrects { configuration.forwardErrorCorrection = correction }
        }
        let peer = call.left.connection
        stream = OutboundStream(ssrc: peer.unusedSSRC(), clockRate: kind == .audio ? 48_000 : 90_000)
        fecSSRC = peer.unusedSSRC()
        peer.add(stream)
        _ = try peer.addTransceiver(
            kind, direction: .sendonly,
            sender: SenderParameters(
                streamID: "PA_x", trackID: "TR_x", cname: "x",
                encodings: [.init(ssrc: stream.ssrc, rtxSSRC: peer.unusedSSRC(), fecSSRC: fecSSRC)], codecs: codecs))
        try call.negotiate()
        call.run(for: .seconds(5)) { [call] in
            call.left.connection.state == .connected && call.right.connection.state == .connected
        }
        section = try #require(peer.negotiated?.sections.first { $0.kind == kind })
        call.filter = { [unowned self] destination, bytes in
            guard destination == .right, let first = bytes.first, (128...191).contains(first),
                !(192...223).contains(bytes[1])
            else { return bytes }
            sentToRight += 1
            return isLost(sentToRight - 1) ? nil : bytes
        }
    }

    /// Sends one packet of `payload` and lets the clock run on.
    func send(
        _ number: UInt16, payload: [UInt8], payloadType: UInt8, marker: Bool = true, step: Int64 = 20,
        clock: UInt32 = 960
    ) {
        let peer = call.left.connection
        guard var run = peer.beginRun() else { return }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: UInt8(0x80), at: 0)
        let timestamp = UInt32(number) &* clock
        span.rewriteRTPHeader(
            payloadType: payloadType, marker: marker, sequenceNumber: SequenceNumber(rawValue: number),
            timestamp: timestamp, ssrc: stream.ssrc)
        span.store(payload.rawSpan, at: 12)
        unsafe run.send(
            slot, count: 12 + payload.count, on: stream, timestamp: timestamp, payloadSize: payload.count,
            now: call.now)
        peer.finish(run)
        call.collect()
        call.run(for: .milliseconds(step))
    }
}

@Suite("Peer connection: repair without asking")
struct RepairTests {
    private func payload(_ number: UInt16) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 50 + Int(number % 40))
    }

    @Test("FlexFEC brings back what is lost, over an agreed stream of its own")
    func correction() throws {
        let media = try MediaCall(.video, codecs: ["VP8"], correction: .init(protectionFactor: 64))
        let codec = try #require(media.section.codecs.first)
        #expect(codec.name == "VP8")
        #expect(media.section.codecs.last?.isFlexFEC == true)
        #expect(media.call.left.connection.protect(media.stream, in: media.section, ssrc: media.fecSSRC))
        // Each fourth packet ends a picture; every fifth datagram is a repair packet.
        media.isLost = { $0 % 5 == 2 }
        for number in 100..<160 as Range<UInt16> {
            media.send(
                number, payload: payload(number), payloadType: codec.payloadType, marker: number % 4 == 3, step: 5,
                clock: 100)
        }
        media.call.run(for: .milliseconds(300))
        let right = media.call.right
        #expect(media.sentToRight == 75)
        #expect(right.packets.map(\.sequence).sorted() == Array(100..<160))
        for packet in right.packets { #expect(packet.payload == payload(UInt16(packet.sequence))) }
        #expect(right.connection.statistics.packetsCorrected == 15)
        #expect(right.connection.statistics.unknownStreams == 0)
        #expect(right.connection.inbound.count == 1)
    }

    @Test("A peer that does not know FlexFEC gets none")
    func uncorrected() throws {
        let media = try MediaCall(
            .video, codecs: ["VP8"], correction: .init(protectionFactor: 64), rightCorrects: false)
        #expect(!media.section.codecs.map(\.name).contains("flexfec-03"))
        #expect(!media.call.left.connection.protect(media.stream, in: media.section, ssrc: media.fecSSRC))
    }

    @Test("Without the option FlexFEC is neither offered nor taken")
    func off() throws {
        let media = try MediaCall(.video, codecs: ["VP8"])
        #expect(!media.section.codecs.map(\.name).contains("flexfec-03"))
    }

    @Test("Redundant audio comes out plain, with what was lost")
    func redundancy() throws {
        let media = try MediaCall(.audio, codecs: ["red", "opus"])
        let opus = try #require(media.section.codecs.first { $0.name == "opus" })
        let red = try #require(media.section.redundancy(of: opus))
        var sender = REDSender(distance: 1)
        media.isLost = { $0 % 3 == 1 }
        for number in 100..<130 as Range<UInt16> {
            var bytes = [UInt8](repeating: 0, count: 300)
            let primary = payload(number)
            var span = bytes.mutableSpan
            var raw = unsafe span.mutableBytes
            let size = sender.encode(
                primary.rawSpan, payloadType: opus.payloadType, sequenceNumber: SequenceNumber(rawValue: number),
                timestamp: UInt32(number) * 960, into: &raw)
            media.send(number, payload: Array(bytes.prefix(size ?? 0)), payloadType: red.payloadType)
        }
        media.call.run(for: .milliseconds(100))
        let right = media.call.right
        #expect(right.packets.map(\.sequence) == Array(100..<130))
        for packet in right.packets { #expect(packet.payload == payload(UInt16(packet.sequence))) }
        #expect(right.connection.statistics.packetsRepeated == 10)
        let stream = try #require(right.connection.inbound.values.first)
        #expect(stream.codec.name == "opus")
        #expect(stream.statistics.cumulativeLost == 10)
        // Nothing that redundancy brought back is asked for.
        let asked = media.call.left.feedback.contains { if case .lost = $0 { true } else { false } }
        #expect(!asked)
    }

    @Test("Redundant and plain audio may take turns within a stream")
    func turns() throws {
        let media = try MediaCall(.audio, codecs: ["red", "opus"])
        let opus = try #require(media.section.codecs.first { $0.name == "opus" })
        let red = try #require(media.section.redundancy(of: opus))
        media.send(1, payload: payload(1), payloadType: opus.payloadType)
        let second = REDPayload(
            redundant: [.init(payloadType: opus.payloadType, timestampOffset: 960, payload: payload(1))],
            primaryType: opus.payloadType, primary: payload(2))
        media.send(2, payload: second.encoded(), payloadType: red.payloadType)
        media.send(3, payload: payload(3), payloadType: opus.payloadType)
        media.send(4, payload: [0x80], payloadType: red.payloadType)
        media.call.run(for: .milliseconds(100))
        #expect(media.call.right.packets.map(\.sequence) == [1, 2, 3])
        #expect(media.call.right.connection.statistics.refused == 1)
    }

    @Test("RTX probes of padding are passed over; a retransmission comes out as the original")
    func retransmission() throws {
        let media = try MediaCall(.video, codecs: ["VP8"])
        let codec = try #require(media.section.codecs.first)
        let rtx = try #require(codec.rtxPayloadType)
        for number in [10, 11, 13] as [UInt16] {
            media.send(number, payload: payload(number), payloadType: codec.payloadType, step: 1)
        }
        let right = media.call.right
        let source = try #require(
            right.connection.negotiated?.sections.first { $0.kind == .video }?.remote?.sources.first)
        let repair = OutboundStream(ssrc: try #require(source.rtxSSRC), clockRate: 90_000)
        func sendRepair(_ number: UInt16, payload: [UInt8], padding: UInt8) {
            let peer = media.call.left.connection
            guard var run = peer.beginRun() else { return }
            let slot = unsafe run.reserve()
            var header = RTPHeader(
                payloadType: rtx, sequenceNumber: SequenceNumber(rawValue: number), timestamp: 1, ssrc: repair.ssrc)
            header.paddingSize = padding
            let bytes = RTPPacket(header: header, payload: payload).encoded()
            unsafe slot.copyBytes(from: bytes)
            unsafe run.resend(slot, count: bytes.count, of: repair, now: media.call.now)
            peer.finish(run)
            media.call.collect()
            media.call.run(for: .milliseconds(30))
        }
        sendRepair(1, payload: [], padding: 200)
        sendRepair(2, payload: [0], padding: 3)
        #expect(right.packets.map(\.sequence) == [10, 11, 13])
        sendRepair(3, payload: [0, 12] + payload(12), padding: 0)
        #expect(right.packets.map(\.sequence) == [10, 11, 13, 12])
        #expect(right.packets.last?.payload == payload(12))
        #expect(right.connection.statistics.unknownStreams == 0)
    }

    @Test("Packets of unknown streams open nothing beyond the bound")
    func unknownStreams() throws {
        let media = try MediaCall(.audio, codecs: ["opus"])
        let right = media.call.right.connection
        let before = right.inbound.count
        let passedOver = right.statistics.unknownStreams + right.statistics.refused
        let stranger = OutboundStream(ssrc: SSRC(rawValue: 0x7000_0000), clockRate: 90_000)
        for index in 0..<200 as Range<UInt32> {
            let peer = media.call.left.connection
            guard var run = peer.beginRun() else { continue }
            let slot = unsafe run.reserve()
            let header = RTPHeader(
                payloadType: 96, sequenceNumber: SequenceNumber(rawValue: 1), timestamp: 1,
                ssrc: SSRC(rawValue: 0x7000_0000 + index),
                extensions: [.init(id: 4, value: Array("nobody-\(index % 7)".utf8))])
            let bytes = header.encoded() + [1, 2, 3]
            unsafe slot.copyBytes(from: bytes)
            unsafe run.resend(slot, count: bytes.count, of: stranger, now: media.call.now)
            peer.finish(run)
            media.call.collect()
            media.call.run(for: .milliseconds(1))
        }
        media.call.run(for: .milliseconds(100))
        #expect(right.inbound.count == before)
        #expect(right.statistics.unknownStreams + right.statistics.refused - passedOver >= 200)
    }
}
