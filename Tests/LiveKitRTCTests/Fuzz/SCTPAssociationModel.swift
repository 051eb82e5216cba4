import LiveKitCore
import LiveKitRTC

/// An SCTP association that a peer treats badly: packets under the right tag, calls of its owner, and time, in any
/// order, from a dozen stages of its life.
struct SCTPAssociationModel: ~Copyable {
    private static let largestPacket = 1191
    private static let stages: UInt8 = 12

    private var tested: SCTPAssociation
    private var peer: SCTPAssociation
    private var now: MediaInstant = .start
    private var toTested: [[UInt8]] = []
    private var toPeer: [[UInt8]] = []
    /// The tag of packets to the tested side.
    private var tag: UInt32 = 0
    /// The newest TSN from the peer, and from the tested side.
    private var peerTSN = TSN(rawValue: 0)
    private var testedTSN = TSN(rawValue: 0)
    private var peerInitialTSN = TSN(rawValue: 0)
    private var testedInitialTSN = TSN(rawValue: 0)
    private var cookie: [UInt8] = []
    private var channels: [DataChannelID] = []
    private var hasEnded = false

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        var model = SCTPAssociationModel(stage: input.byte() % stages, flags: input.byte())
        var commands = 0
        while !input.isAtEnd, commands < 300 {
            model.step(&input)
            commands += 1
        }
        model.finish()
    }

    private init(stage: UInt8, flags: UInt8) {
        var configuration = SCTPConfiguration()
        configuration.offersInterleaving = flags & 1 != 0
        configuration.acceptsZeroChecksum = flags & 2 == 0
        if flags & 4 != 0 { configuration.receiveWindow = 20_000 }
        if flags & 8 != 0 { configuration.initialTSN = TSN(rawValue: .max - 3) }
        if flags & 16 != 0 { configuration.maximumRetransmissions = 5 }
        configuration.sendBufferSize = 100_000
        tested = SCTPAssociation(
            isDTLSClient: flags & 32 != 0, configuration: configuration, random: DeterministicRandom(seed: 1))
        peer = SCTPAssociation(
            isDTLSClient: flags & 32 == 0, configuration: configuration, random: DeterministicRandom(seed: 2))
        reach(stage)
    }

    // MARK: Stages

    private mutating func reach(_ stage: UInt8) {
        guard stage > 0 else { return }
        if stage == 3 { peer.connect(now: now) } else { tested.connect(now: now) }
        drain()
        guard stage > 1 else { return }
        deliver(packets: stage == 2 ? 1 : stage == 3 ? 1 : 20)
        guard stage > 3 else { return }
        for number in 0..<4 { open(isOrdered: number & 1 == 0, isLossy: number & 2 != 0) }
        drain()
        deliver(packets: 20)
        guard stage > 4 else { return }
        if stage != 8 { for id in channels { send(on: id, size: 3000) } }
        drain()
        switch stage {
        case 5: break
        case 6: close(0)
        case 7: tested.shutdown(now: now)
        case 8: tested.shutdown(now: now)
        case 9: peer.shutdown(now: now)
        case 10:
            peer.shutdown(now: now)
            drain()
            deliver(packets: 1)
        default:
            toPeer = []
            passTime(.seconds(1))
        }
        drain()
    }

    // MARK: Commands

    private mutating func step(_ input: inout CommandReader) {
        switch input.number(below: 12) {
        case 0...3: inject(&input)
        case 4: injectNoise(&input)
        case 5: callOwner(&input)
        case 6: passTime(.milliseconds(Int64(input.byte()) * 4))
        case 7: passTimeToDeadline()
        case 8: deliver(packets: input.number(below: 8))
        case 9: toTested = []
        case 10: toPeer = []
        default: replay(&input)
        }
        drain()
        check()
    }

    private mutating func finish() {
        for _ in 0..<20 {
            passTimeToDeadline()
            drain()
            check()
        }
    }

    private mutating func callOwner(_ input: inout CommandReader) {
        switch input.number(below: 10) {
        case 0: open(isOrdered: input.flag(), isLossy: input.flag())
        case 1...4:
            guard !channels.isEmpty else { return }
            send(on: channels[input.number(below: channels.count)], size: Int(input.uint16()))
        case 5: close(input.number(below: 16))
        case 6:
            guard let id = channels.last else { return }
            tested.setBufferedAmountLowThreshold(Int(input.uint16()), of: id)
        case 7: tested.connect(now: now)
        case 8: if input.byte() > 200 { tested.shutdown(now: now) }
        default: if input.byte() > 250 { tested.abort(now: now) }
        }
    }

    private mutating func open(isOrdered: Bool, isLossy: Bool) {
        let id = try? tested.openChannel(
            label: "l", ordered: isOrdered, maxRetransmits: isLossy ? 0 : nil,
            maxPacketLifeTime: isLossy == isOrdered ? .milliseconds(100) : nil, now: now)
        if let id, !channels.contains(id) { channels.append(id) }
    }

    private mutating func send(on id: DataChannelID, size: Int) {
        try? tested.send(on: id, message: .init(repeating: 5, count: size), isBinary: true, now: now)
    }

    private mutating func close(_ index: Int) {
        guard channels.indices.contains(index) else { return }
        tested.closeChannel(channels[index], now: now)
    }

    // MARK: Packets

    private mutating func inject(_ input: inout CommandReader) {
        var chunks: [SCTPChunk] = []
        for _ in 0...input.number(below: 3) { chunks.append(chunk(&input)) }
        if case .initiation = chunks[0] {
            receive(packet([chunks[0]], tag: 0))
        } else {
            receive(packet(chunks, tag: tag))
        }
    }

    /// Bytes behind a good header.
    private mutating func injectNoise(_ input: inout CommandReader) {
        var bytes = Array(packet([.cookieAck(.init())], tag: tag).prefix(SCTPPacket.headerSize)) + input.block()
        bytes.replaceSubrange(8..<12, with: [0, 0, 0, 0])
        let checksum = CRC32c.checksum(of: bytes.rawSpan)
        bytes.replaceSubrange(8..<12, with: (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) })
        receive(bytes)
    }

    private mutating func replay(_ input: inout CommandReader) {
        guard let packet = toTested.last, (try? SCTPPacket(parsing: packet, acceptsZeroChecksum: true)) != nil else {
            return
        }
        for _ in 0..<input.number(below: 4) { receive(packet) }
    }

    private func packet(_ chunks: [SCTPChunk], tag: UInt32) -> [UInt8] {
        SCTPPacket(sourcePort: 5000, destinationPort: 5000, verificationTag: tag, chunks: chunks).encoded()
    }

    private func chunk(_ input: inout CommandReader) -> SCTPChunk {
        switch input.number(below: 16) {
        case 0, 1: .data(data(&input))
        case 2: .interleavedData(interleavedData(&input))
        case 3, 4: .selectiveAck(acknowledgement(&input))
        case 5: .forwardTSN(.init(newCumulativeTSN: near(peerTSN, &input), skippedStreams: skipped(&input)))
        case 6: .interleavedForwardTSN(interleavedForward(&input))
        case 7: .reconfiguration(.init(parameters: [resetRequest(&input)]))
        case 8: .reconfiguration(.init(parameters: [resetResponse(&input), resetRequest(&input)]))
        case 9: .shutdown(.init(cumulativeTSN: near(testedTSN, &input)))
        case 10: control(&input)
        case 11: .initiation(InitChunk(description(&input)))
        case 12: .cookieEcho(.init(cookie: input.mutation(of: cookie)))
        case 13: .error(.init(causes: [.init(.init(rawValue: UInt16(input.byte())), information: input.block())]))
        case 14: .initiationAck(InitAckChunk(description(&input)))
        default: .unknown(.init(type: input.byte(), flags: input.byte(), value: input.block()))
        }
    }

    private func near(_ tsn: TSN, _ input: inout CommandReader) -> TSN { tsn.advanced(by: Int(input.byte()) - 8) }

    private func data(_ input: inout CommandReader) -> DataChunk {
        let flags = input.byte()
        return DataChunk(
            tsn: near(peerTSN, &input), stream: StreamID(rawValue: UInt16(input.byte() & 15)),
            sequence: StreamSequenceNumber(rawValue: UInt16(input.byte())), payloadProtocol: payloadProtocol(&input),
            isImmediate: flags & 8 != 0, isUnordered: flags & 4 != 0, isBeginning: flags & 2 != 0,
            isEnd: flags & 1 != 0, payload: input.block())
    }

    private func interleavedData(_ input: inout CommandReader) -> InterleavedDataChunk {
        InterleavedDataChunk(
            tsn: near(peerTSN, &input), stream: StreamID(rawValue: UInt16(input.byte() & 15)),
            message: MessageID(rawValue: UInt32(input.byte())), payloadProtocol: payloadProtocol(&input),
            fragment: UInt32(input.byte()), flags: FragmentFlags(rawValue: input.byte() & 15), payload: input.block())
    }

    private func payloadProtocol(_ input: inout CommandReader) -> PayloadProtocol {
        PayloadProtocol(rawValue: 50 + UInt32(input.byte() & 7))
    }

    private func acknowledgement(_ input: inout CommandReader) -> SelectiveAckChunk {
        let cumulative = near(testedTSN, &input)
        let window = UInt32(input.byte()) << 10
        let blocks = (0..<input.number(below: 4)).map { _ in
            SelectiveAckChunk.GapBlock(start: UInt16(input.byte()), end: UInt16(input.byte()))
        }
        return SelectiveAckChunk(cumulativeTSN: cumulative, receiverWindow: window, gapBlocks: blocks)
    }

    private func skipped(_ input: inout CommandReader) -> [ForwardTSNChunk.SkippedStream] {
        (0..<input.number(below: 4)).map { _ in
            .init(
                stream: StreamID(rawValue: UInt16(input.byte() & 15)),
                sequence: StreamSequenceNumber(rawValue: UInt16(input.byte())))
        }
    }

    private func interleavedForward(_ input: inout CommandReader) -> InterleavedForwardTSNChunk {
        InterleavedForwardTSNChunk(
            newCumulativeTSN: near(peerTSN, &input),
            skippedStreams: (0..<input.number(below: 4)).map { _ in
                .init(
                    stream: StreamID(rawValue: UInt16(input.byte() & 15)), isUnordered: input.flag(),
                    message: MessageID(rawValue: input.uint32()))
            })
    }

    private func resetRequest(_ input: inout CommandReader) -> SCTPParameter {
        let sequence = peerInitialTSN.rawValue &+ UInt32(input.byte() & 15)
        let streams = input.block().map { StreamID(rawValue: UInt16($0)) }
        if input.byte() > 240 { return .incomingResetRequest(.init(requestSequence: sequence, streams: streams)) }
        return .outgoingResetRequest(
            .init(
                requestSequence: sequence, responseSequence: testedInitialTSN.rawValue,
                lastAssignedTSN: near(peerTSN, &input), streams: streams))
    }

    private func resetResponse(_ input: inout CommandReader) -> SCTPParameter {
        .reconfigurationResponse(
            .init(
                responseSequence: testedInitialTSN.rawValue &+ UInt32(input.byte() & 15),
                result: .init(rawValue: UInt32(input.byte() & 7))))
    }

    private func control(_ input: inout CommandReader) -> SCTPChunk {
        switch input.number(below: 6) {
        case 0: .cookieAck(.init())
        case 1: .shutdownAck(.init())
        case 2: .shutdownComplete(.init(isTagReflected: input.flag()))
        case 3: .abort(.init(isTagReflected: input.flag()))
        case 4: .heartbeat(.init(info: input.block()))
        default: .heartbeatAck(.init(info: input.block()))
        }
    }

    private func description(_ input: inout CommandReader) -> AssociationDescription {
        AssociationDescription(
            initiateTag: input.uint32(), receiverWindow: UInt32(input.uint16()), outboundStreams: UInt16(input.byte()),
            inboundStreams: UInt16(input.byte()), initialTSN: near(peerTSN, &input),
            parameters: [
                .stateCookie(.init(cookie: input.block())), .supportedExtensions(.init(chunkTypes: input.block())),
                .unknown(.init(type: input.uint16(), value: input.block())),
            ])
    }

    private mutating func receive(_ bytes: [UInt8]) {
        tested.receive(bytes.rawSpan, now: now)
        drain()
    }

    // MARK: Time and traffic

    private mutating func passTime(_ duration: MediaDuration) {
        now = now + duration
        tested.handleTimeout(now: now)
        peer.handleTimeout(now: now)
        if let deadline = tested.deadline {
            precondition(deadline > now, "a deadline that does not move on")
        }
        drain()
    }

    private mutating func passTimeToDeadline() {
        guard let deadline = tested.deadline else { return }
        passTime(max(deadline - now, .zero))
    }

    private mutating func deliver(packets: Int) {
        for _ in 0..<packets {
            if !toPeer.isEmpty {
                let packet = toPeer.removeFirst()
                peer.receive(packet.rawSpan, now: now)
            }
            if !toTested.isEmpty {
                let packet = toTested.removeFirst()
                tested.receive(packet.rawSpan, now: now)
            }
            drain()
        }
    }

    private mutating func drain() {
        while let event = tested.pollEvent() { note(event) }
        while peer.pollEvent() != nil {}
        var count = 0
        while let packet = tested.pollTransmit() {
            precondition(packet.count <= Self.largestPacket, "a packet larger than the path takes")
            count += 1
            precondition(count < 10_000, "no end of packets")
            learn(packet, isFromTested: true)
            if toPeer.count < 64 { toPeer.append(packet) }
        }
        while let packet = peer.pollTransmit() {
            learn(packet, isFromTested: false)
            if toTested.count < 64 { toTested.append(packet) }
        }
    }

    private mutating func note(_ event: SCTPEvent) {
        precondition(!hasEnded, "an event after the last")
        switch event {
        case .closed, .aborted: hasEnded = true
        case .message(_, let payload, _):
            precondition(payload.count <= SCTPConfiguration.announcedMessageSize, "a message larger than announced")
        case .channelOpened(let channel): if !channels.contains(channel.id) { channels.append(channel.id) }
        case .connected, .restarted, .channelClosed, .bufferedAmountLow: break
        }
    }

    private mutating func learn(_ bytes: [UInt8], isFromTested: Bool) {
        guard let packet = try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) else {
            preconditionFailure("a packet of ours that we cannot read")
        }
        if !isFromTested, packet.verificationTag != 0 { tag = packet.verificationTag }
        for chunk in packet.chunks {
            switch chunk {
            case .initiation(let chunk): learn(chunk.description, isFromTested: isFromTested)
            case .initiationAck(let chunk):
                learn(chunk.description, isFromTested: isFromTested)
                for case .stateCookie(let parameter) in chunk.description.parameters { cookie = parameter.cookie }
            case .data(let chunk): learn(chunk.tsn, isFromTested: isFromTested)
            case .interleavedData(let chunk): learn(chunk.tsn, isFromTested: isFromTested)
            default: break
            }
        }
    }

    private mutating func learn(_ description: AssociationDescription, isFromTested: Bool) {
        if isFromTested {
            tag = description.initiateTag
            testedInitialTSN = description.initialTSN
            testedTSN = description.initialTSN
        } else {
            peerInitialTSN = description.initialTSN
            peerTSN = description.initialTSN
        }
    }

    private mutating func learn(_ tsn: TSN, isFromTested: Bool) {
        if isFromTested { testedTSN = tsn } else { peerTSN = tsn }
    }

    private func check() {
        precondition(tested.bufferedBytes >= 0, "fewer than no bytes wait")
        precondition(tested.bufferedBytes <= 300_000, "more waits than the buffer holds")
        for id in channels { precondition(tested.bufferedAmount(of: id) >= 0, "fewer than no bytes wait") }
        if tested.isEnded { precondition(tested.deadline == nil, "an end that waits for something") }
    }
}
