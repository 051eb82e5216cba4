import LiveKitCore
import LiveKitTestSupport
import Testing

/// One packet of each kind, with its bytes.
struct RTCPSample: Sendable, CustomTestStringConvertible {
    var name: String
    var packet: RTCPPacket
    var bytes: [UInt8]
    var testDescription: String { name }

    private static let one = SSRC(rawValue: 1)
    private static let two = SSRC(rawValue: 0xAABB_CCDD)

    static let all: [RTCPSample] = [
        RTCPSample(
            name: "receiver report",
            packet: .receiverReport(
                ReceiverReport(
                    sender: one,
                    reports: [
                        ReportBlock(
                            ssrc: two, fractionLost: 64, cumulativeLost: -2, highestSequence: 0x0001_0002, jitter: 3,
                            lastSenderReport: 4, delaySinceLastSenderReport: 5)
                    ])),
            bytes: [
                0x81, 0xC9, 0, 7, 0, 0, 0, 1, 0xAA, 0xBB, 0xCC, 0xDD, 64, 0xFF, 0xFF, 0xFE, 0, 1, 0, 2, 0, 0, 0, 3,
                0, 0, 0, 4, 0, 0, 0, 5,
            ]),
        RTCPSample(
            name: "sender report",
            packet: .senderReport(
                SenderReport(
                    sender: one, timestamp: NTPTimestamp(rawValue: 0x0102_0304_0506_0708), rtpTimestamp: 9,
                    packetCount: 10, octetCount: 11)),
            bytes: [
                0x80, 0xC8, 0, 6, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11,
            ]),
        RTCPSample(
            name: "source description",
            packet: .sourceDescription(SourceDescription(source: one, canonicalName: "ab")),
            bytes: [0x81, 0xCA, 0, 3, 0, 0, 0, 1, 1, 2, 0x61, 0x62, 0, 0, 0, 0]),
        RTCPSample(
            name: "goodbye", packet: .goodbye(Goodbye(sources: [one], reason: "bye")),
            bytes: [0x81, 0xCB, 0, 2, 0, 0, 0, 1, 3, 0x62, 0x79, 0x65]),
        RTCPSample(
            name: "generic NACK",
            packet: .genericNACK(
                GenericNACK(
                    sender: one, media: two,
                    missing: [0xFFFE, 0xFFFF, 14, 15].map(SequenceNumber.init(rawValue:)))),
            bytes: [
                0x81, 0xCD, 0, 4, 0, 0, 0, 1, 0xAA, 0xBB, 0xCC, 0xDD, 0xFF, 0xFE, 0x80, 0x01, 0, 15, 0, 0,
            ]),
        RTCPSample(
            name: "picture loss indication",
            packet: .pictureLossIndication(PictureLossIndication(sender: one, media: two)),
            bytes: [0x81, 0xCE, 0, 2, 0, 0, 0, 1, 0xAA, 0xBB, 0xCC, 0xDD]),
        RTCPSample(
            name: "full intra request",
            packet: .fullIntraRequest(
                FullIntraRequest(sender: one, entries: [.init(ssrc: two, sequenceNumber: 7)])),
            bytes: [0x84, 0xCE, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0xAA, 0xBB, 0xCC, 0xDD, 7, 0, 0, 0]),
        RTCPSample(
            name: "bandwidth estimate",
            packet: .receiverEstimatedMaximumBitrate(
                ReceiverEstimatedMaximumBitrate(sender: one, bitrate: 0x3_FFFF << 4, streams: [two])),
            bytes: [
                0x8F, 0xCE, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 1, 0x13, 0xFF, 0xFF,
                0xAA, 0xBB, 0xCC, 0xDD,
            ]),
        RTCPSample(
            name: "extended report",
            packet: .extendedReport(
                ExtendedReport(
                    sender: one,
                    blocks: [
                        .receiverReferenceTime(NTPTimestamp(rawValue: 2)),
                        .receiverDelays([.init(ssrc: two, lastReceiverReport: 3, delay: 4)]),
                    ])),
            bytes: [
                0x80, 0xCF, 0, 8, 0, 0, 0, 1, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2,
                5, 0, 0, 3, 0xAA, 0xBB, 0xCC, 0xDD, 0, 0, 0, 3, 0, 0, 0, 4,
            ]),
        RTCPSample(
            name: "application-defined",
            packet: .unknown(UnknownRTCPPacket(packetType: 204, count: 3, body: [1, 2, 3, 4, 5, 6, 7, 8])),
            bytes: [0x83, 0xCC, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]
}

@Suite("RTCP packets, RFC 3550, 4585, 5104, 3611")
struct RTCPPacketTests {
    @Test("Each kind is read from its bytes and written back to them", arguments: RTCPSample.all)
    func vector(sample: RTCPSample) throws {
        #expect(try RTCPPacket(parsing: sample.bytes.rawSpan) == sample.packet)
        #expect(sample.packet.encoded() == sample.bytes)
    }

    @Test("Every truncation throws", arguments: RTCPSample.all)
    func truncation(sample: RTCPSample) {
        for length in 0..<sample.bytes.count {
            #expect(throws: WireError.self) { try RTCPPacket(parsing: Array(sample.bytes.prefix(length)).rawSpan) }
        }
    }

    @Test("A length that is cut below the fields throws or reads less, and never traps", arguments: RTCPSample.all)
    func shortLengths(sample: RTCPSample) {
        for words in 0..<UInt8(sample.bytes.count / 4 - 1) {
            var bytes = Array(sample.bytes.prefix(4 * Int(words) + 4))
            bytes[3] = words
            #expect((try? RTCPPacket(parsing: bytes.rawSpan)) != sample.packet)
        }
    }

    @Test("Counts above what the length holds are errors", arguments: [0, 1, 3])
    func countsTooHigh(index: Int) {
        var bytes = RTCPSample.all[index].bytes
        bytes[0] = 0x80 | 31
        #expect(throws: WireError.self) { try RTCPPacket(parsing: bytes.rawSpan) }
    }

    @Test("Padding is taken off, and refused when it cannot be")
    func padding() throws {
        let padded: [UInt8] = [0xA1, 0xCB, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4]
        #expect(try RTCPPacket(parsing: padded.rawSpan) == .goodbye(Goodbye(sources: [SSRC(rawValue: 1)])))
        for count in [0, 9, 255] as [UInt8] {
            let bytes = padded.dropLast() + [count]
            #expect(throws: WireError.invalid(.padding)) { try RTCPPacket(parsing: Array(bytes).rawSpan) }
        }
    }

    @Test("An estimate beyond 64 bits is refused")
    func hugeBitrate() {
        let bytes: [UInt8] = [
            0x8F, 0xCE, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 0, 0xFF, 0xFF, 0xFF,
        ]
        #expect(throws: WireError.invalid(.bitrate)) { try RTCPPacket(parsing: bytes.rawSpan) }
    }

    @Test("Estimates keep eighteen significant bits", arguments: [0, 1, 262_143, 262_144, 2_500_001, .max] as [UInt64])
    func bitrates(bitrate: UInt64) throws {
        let sent = ReceiverEstimatedMaximumBitrate(sender: SSRC(rawValue: 1), bitrate: bitrate, streams: [])
        let bytes = RTCPPacket.receiverEstimatedMaximumBitrate(sent).encoded()
        let read = try ReceiverEstimatedMaximumBitrate(parsing: bytes.rawSpan).bitrate
        #expect(read <= bitrate)
        #expect(bitrate - read <= bitrate >> 17)
    }

    @Test("Missing packets come back in their order across the wrap")
    func missingPackets() {
        let missing = [65_530, 65_531, 65_535, 0, 1, 10, 200].map(SequenceNumber.init(rawValue:))
        let request = GenericNACK(sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2), missing: missing)
        #expect(request.pairs.count == 2)
        #expect(request.missing == missing)
    }

    @Test(
        "Random bytes behind each header never trap, and what is read survives a round trip", arguments: RTCPSample.all)
    func arbitraryBytes(sample: RTCPSample) throws {
        var random = DeterministicRandom(seed: 1)
        for _ in 0..<300 {
            var bytes = sample.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            guard let packet = try? RTCPPacket(parsing: bytes.rawSpan) else { continue }
            if case .sourceDescription = packet { continue }  // Broken UTF-8 grows.
            if case .goodbye = packet { continue }
            if case .unknown = packet, bytes[0] & 0x20 != 0 { continue }  // Padding becomes part of the last word.
            #expect(try RTCPPacket(parsing: packet.encoded().rawSpan) == packet)
        }
    }
}
