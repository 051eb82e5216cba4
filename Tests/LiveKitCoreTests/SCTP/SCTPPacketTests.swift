import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("SCTP packets, RFC 9260 §3")
struct SCTPPacketTests {
    /// One of each chunk, with as much variety inside as the format allows.
    static let chunks: [SCTPChunk] = {
        let parameters: [SCTPParameter] = [
            .stateCookie(.init(cookie: [1, 2, 3, 4, 5])), .unrecognized(.init(parameter: [0xC0, 9, 0, 4])),
            .zeroChecksumAcceptable(.init()), .supportedExtensions(.init(chunkTypes: [130, 192, 64])),
            .forwardTSNSupported(.init()), .unknown(.init(type: 0x8002, value: [7, 7, 7])),
        ]
        let description = AssociationDescription(
            initiateTag: 1, receiverWindow: 131072, outboundStreams: 65535, inboundStreams: 1024,
            initialTSN: TSN(rawValue: .max), parameters: parameters)
        let tsn = TSN(rawValue: 0x0102_0304)
        return [
            .data(
                DataChunk(
                    tsn: tsn, stream: StreamID(rawValue: 3), sequence: StreamSequenceNumber(rawValue: 9),
                    payloadProtocol: .binary, isImmediate: true, isUnordered: true, isBeginning: false,
                    payload: [1, 2, 3])),
            .initiation(InitChunk(description)), .initiationAck(InitAckChunk(description)),
            .selectiveAck(
                SelectiveAckChunk(
                    cumulativeTSN: tsn, receiverWindow: 5000, gapBlocks: [.init(start: 2, end: 4)],
                    duplicates: [tsn])),
            .heartbeat(.init(info: [1, 2, 3])), .heartbeatAck(.init(info: [])),
            .abort(.init(isTagReflected: true, causes: [.init(.protocolViolation, information: [1])])),
            .shutdown(.init(cumulativeTSN: tsn)), .shutdownAck(.init()),
            .shutdownComplete(.init(isTagReflected: true)),
            .error(.init(causes: [.init(.staleCookie, information: [0, 0, 0, 1]), .init(.outOfResource)])),
            .cookieEcho(.init(cookie: [5, 6])), .cookieAck(.init()),
            .reconfiguration(
                .init(parameters: [
                    .outgoingResetRequest(
                        .init(
                            requestSequence: 1, responseSequence: 2, lastAssignedTSN: tsn,
                            streams: [StreamID(rawValue: 1), StreamID(rawValue: 7), StreamID(rawValue: 9)])),
                    .incomingResetRequest(.init(requestSequence: 5, streams: [StreamID(rawValue: 2)])),
                    .reconfigurationResponse(.init(responseSequence: 3, result: .inProgress)),
                ])),
            .forwardTSN(
                .init(
                    newCumulativeTSN: tsn,
                    skippedStreams: [.init(stream: StreamID(rawValue: 1), sequence: StreamSequenceNumber(rawValue: 2))]
                )),
            .interleavedData(
                .init(
                    tsn: tsn, stream: StreamID(rawValue: 3), message: MessageID(rawValue: .max),
                    payloadProtocol: .string, flags: [.beginning, .unordered], payload: [1, 2, 3, 4, 5])),
            .interleavedData(
                .init(
                    tsn: tsn, stream: StreamID(rawValue: 3), message: MessageID(rawValue: 7),
                    payloadProtocol: PayloadProtocol(rawValue: 0), fragment: 0xDEAD_BEEF, flags: [.end, .immediate],
                    payload: [])),
            .interleavedForwardTSN(
                .init(
                    newCumulativeTSN: tsn,
                    skippedStreams: [
                        .init(stream: StreamID(rawValue: 9), isUnordered: true, message: MessageID(rawValue: 3)),
                        .init(stream: StreamID(rawValue: 9), isUnordered: false, message: MessageID(rawValue: .max)),
                    ])),
            .unknown(.init(type: 0xC7, flags: 3, value: [9])),
        ]
    }()

    static func packet(_ chunks: [SCTPChunk]) -> SCTPPacket {
        SCTPPacket(sourcePort: 5000, destinationPort: 5001, verificationTag: 0xDEAD_BEEF, chunks: chunks)
    }

    @Test("Every chunk survives a round trip", arguments: chunks)
    func roundTrip(chunk: SCTPChunk) throws {
        let packet = Self.packet([chunk])
        #expect(try SCTPPacket(parsing: packet.encoded()) == packet)
        #expect(packet.encoded().count == SCTPPacket.headerSize + chunk.encodedSize)
    }

    @Test("All chunks together survive a round trip")
    func bundle() throws {
        let packet = Self.packet(Self.chunks)
        #expect(try SCTPPacket(parsing: packet.encoded()) == packet)
    }

    @Test("Any flipped bit is found by the checksum")
    func flippedBits() {
        let bytes = Self.packet([.cookieAck(.init())]).encoded()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self) { try SCTPPacket(parsing: damaged) }
        }
    }

    @Test("A zero checksum passes only where agreed, and never for INIT and COOKIE ECHO (RFC 9653 §5.3)")
    func zeroChecksum() throws {
        for chunk in Self.chunks {
            let packet = Self.packet([chunk])
            let bytes = packet.encoded(zeroChecksum: true)
            #expect(throws: WireError.self) { try SCTPPacket(parsing: bytes) }
            switch chunk {
            case .initiation, .cookieEcho:
                #expect(throws: WireError.self) { try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) }
            default:
                #expect(try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) == packet)
            }
        }
    }

    @Test("A packet cut short anywhere throws, or ends between chunks")
    func truncation() {
        let bytes = Self.packet(Self.chunks).encoded(zeroChecksum: true)
        for length in 0..<bytes.count {
            guard let packet = try? SCTPPacket(parsing: Array(bytes[..<length]), acceptsZeroChecksum: true) else {
                continue
            }
            #expect(packet.chunks.count < Self.chunks.count || length > bytes.count - 4)
        }
        for chunk in Self.chunks {
            let single = Self.packet([chunk]).encoded()
            #expect(throws: WireError.self) { try SCTPPacket(parsing: Array(single.dropLast(4))) }
        }
    }

    @Test("A chunk length below its header is refused")
    func shortLength() {
        for length: UInt8 in 0..<4 {
            let bytes: [UInt8] = [0x13, 0x88, 0x13, 0x88, 0, 0, 0, 1, 0, 0, 0, 0, 11, 0, 0, length]
            #expect(throws: WireError.invalid(.length)) {
                try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true)
            }
        }
    }

    @Test("More gap blocks announced than present are refused")
    func gapCount() {
        var bytes = Self.packet([
            .selectiveAck(.init(cumulativeTSN: TSN(rawValue: 1), receiverWindow: 1))
        ]).encoded(zeroChecksum: true)
        bytes[SCTPPacket.headerSize + 12] = 0xFF
        #expect(throws: WireError.invalid(.length)) { try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) }
    }

    @Test("Random bytes and damaged packets never trap")
    func randomBytes() {
        var random = DeterministicRandom(seed: 1)
        let bytes = Self.packet(Self.chunks).encoded(zeroChecksum: true)
        for _ in 0..<2000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                damaged[Int.random(in: 12..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = try? SCTPPacket(parsing: damaged, acceptsZeroChecksum: true)
            let noise = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? SCTPPacket(parsing: noise, acceptsZeroChecksum: true)
        }
    }

    @Test("The two highest bits decide about unknown types (RFC 9260 §3.2)")
    func unknownTypes() {
        let actions = [0x3F, 0x7F, 0xBF, 0xFF].map { UnknownChunk(type: $0, flags: 0, value: []).action }
        #expect(actions == [.stop, .stopAndReport, .skip, .skipAndReport])
        #expect(actions.map(\.continues) == [false, false, true, true])
        #expect(actions.map(\.reports) == [false, true, false, true])
        #expect(UnknownParameter(type: 0xC001, value: []).action == .skipAndReport)
    }

    @Test("TSNs and stream sequence numbers are ordered over the wrap")
    func serialNumbers() {
        #expect(TSN(rawValue: 2).isNewer(than: TSN(rawValue: .max)))
        #expect(TSN(rawValue: .max).distance(to: TSN(rawValue: 2)) == 3)
        #expect(TSN(rawValue: 1).advanced(by: -3) == TSN(rawValue: .max - 1))
        #expect(StreamSequenceNumber(rawValue: .max).distance(to: .first) == 1)
        #expect(StreamSequenceNumber(rawValue: .max).next == .first)
    }

    @Test("I-DATA and I-FORWARD-TSN look on the wire as RFC 8260 §2.1 and §2.3.1 draw them")
    func interleavedLayout() {
        func bytes(_ chunk: SCTPChunk) -> [UInt8] { Array(Self.packet([chunk]).encoded().dropFirst(12)) }
        let first = InterleavedDataChunk(
            tsn: TSN(rawValue: 0x0102_0304), stream: StreamID(rawValue: 5), message: MessageID(rawValue: 6),
            payloadProtocol: .binary, flags: [.beginning], payload: [0xAA])
        #expect(
            bytes(.interleavedData(first)) == [
                64, 2, 0, 21, 1, 2, 3, 4, 0, 5, 0, 0, 0, 0, 0, 6, 0, 0, 0, 53, 0xAA, 0, 0, 0,
            ])
        var second = first
        second.fragmentFlags = [.end, .unordered]
        second.fragment = 1
        #expect(bytes(.interleavedData(second)).dropFirst(16).prefix(4) == [0, 0, 0, 1])
        let forward = InterleavedForwardTSNChunk(
            newCumulativeTSN: TSN(rawValue: 7),
            skippedStreams: [.init(stream: StreamID(rawValue: 5), isUnordered: true, message: MessageID(rawValue: 6))])
        #expect(bytes(.interleavedForwardTSN(forward)) == [194, 0, 0, 16, 0, 0, 0, 7, 0, 5, 0, 1, 0, 0, 0, 6])
    }
}
