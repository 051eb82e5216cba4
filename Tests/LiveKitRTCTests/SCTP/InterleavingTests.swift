import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Interleaved messages, RFC 8260")
struct InterleavingTests {
    private static var configuration: SCTPConfiguration {
        var configuration = SCTPConfiguration.largeMessages
        configuration.offersInterleaving = true
        return configuration
    }

    private func pair(seed: UInt64, conditions: SimulatedLink<[UInt8]>.Conditions = .init()) -> AssociationPair {
        .connected(seed: seed, conditions: conditions, left: Self.configuration, right: Self.configuration)
    }

    @Test("It is used only when both sides offer it", arguments: [true, false])
    func negotiation(isOffered: Bool) throws {
        let pair = AssociationPair.connected(
            seed: 1, left: Self.configuration, right: isOffered ? Self.configuration : .init())
        let drop = PacketDrop()
        drop.install(on: pair)
        for (side, id) in [(0, try pair.left.openChannel(label: "a", now: pair.now))] + [
            (1, try pair.right.openChannel(label: "b", now: pair.now))
        ] {
            if side == 0 {
                try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
            } else {
                try pair.right.send(on: id, message: [1], isBinary: true, now: pair.now)
            }
        }
        pair.run(for: .seconds(1))
        let plain = drop.chunks(to: .left, \.data).count + drop.chunks(to: .right, \.data).count
        let interleaved =
            drop.chunks(to: .left, \.interleavedData).count + drop.chunks(to: .right, \.interleavedData).count
        #expect(plain == (isOffered ? 0 : 6))
        #expect(interleaved == (isOffered ? 6 : 0))
        #expect(pair.leftEvents.last == .message(StreamID(rawValue: 1), [1], isBinary: true))
    }

    @Test("A small message does not wait for the end of a large one")
    func smallBesideLarge() throws {
        let pair = pair(seed: 2)
        let large = try pair.left.openChannel(label: "large", now: pair.now)
        let small = try pair.left.openChannel(label: "small", now: pair.now)
        pair.run(for: .seconds(1))
        try pair.left.send(on: large, message: numbered(1, size: 200_000), isBinary: true, now: pair.now)
        try pair.left.send(on: small, message: [1], isBinary: true, now: pair.now)
        pair.run(for: .seconds(5)) { !$0.rightEvents.messages(on: small).isEmpty }
        #expect(pair.rightEvents.messages(on: large).isEmpty)
        pair.run(for: .seconds(5))
        #expect(pair.rightEvents.messages(on: large) == [numbered(1, size: 200_000)])
    }

    @Test("Nothing is lost, repeated or reordered on ordered channels under loss", arguments: 0..<4)
    func reliable(seed: UInt64) throws {
        let pair = pair(seed: seed, conditions: .rough(loss: 0.1))
        var random = DeterministicRandom(seed: seed)
        let channels = try (0..<4).map { try pair.left.openChannel(label: "\($0)", ordered: $0 != 3, now: pair.now) }
        var sent: [DataChannelID: [[UInt8]]] = [:]
        for number in 0..<60 {
            let channel = channels[number % 4]
            let message = numbered(number, size: Int.random(in: 4...9000, using: &random))
            sent[channel, default: []].append(message)
            try pair.left.send(on: channel, message: message, isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(120)) { pair in
            channels.allSatisfy { pair.rightEvents.messages(on: $0).count >= 15 }
        }
        pair.run(for: .seconds(3))
        for channel in channels.prefix(3) { #expect(pair.rightEvents.messages(on: channel) == sent[channel]) }
        #expect(Set(pair.rightEvents.messages(on: channels[3])) == Set(sent[channels[3]] ?? []))
        #expect(pair.rightEvents.messages(on: channels[3]).count == 15)
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("Messages given up, ordered or not, leave no stall and no rest behind", arguments: 0..<6)
    func abandoned(seed: UInt64) throws {
        let pair = pair(seed: seed)
        let ordered = try pair.left.openChannel(label: "o", maxRetransmits: 0, now: pair.now)
        let unordered = try pair.left.openChannel(label: "u", ordered: false, maxRetransmits: 0, now: pair.now)
        let lasting = try pair.left.openChannel(label: "l", maxPacketLifeTime: .milliseconds(150), now: pair.now)
        pair.run(for: .seconds(1))
        pair.link.conditions = .rough(loss: 0.1)
        for number in 0..<150 {
            for channel in [ordered, unordered, lasting] {
                try pair.left.send(
                    on: channel, message: numbered(number, size: number % 5 == 0 ? 2500 : 300), isBinary: true,
                    now: pair.now)
            }
            pair.run(for: .milliseconds(60))
        }
        pair.link.conditions = .init()
        pair.run(for: .seconds(5))
        for channel in [ordered, unordered, lasting] {
            try pair.left.send(on: channel, message: numbered(999, size: 10), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(2))
        for channel in [ordered, unordered, lasting] {
            let arrived = pair.rightEvents.messages(on: channel)
            #expect(arrived.last == numbered(999, size: 10))
            #expect(Set(arrived).count == arrived.count)
            #expect((70..<151).contains(arrived.count))
            if channel != unordered {
                #expect(arrived.map(\.messageNumber) == arrived.map(\.messageNumber).sorted())
            }
        }
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("DATA where I-DATA was agreed ends the association; I-DATA that was not agreed is an unknown chunk")
    func mixture() {
        let extensions = [
            ReconfigurationChunk.type, ForwardTSNChunk.type, InterleavedDataChunk.type,
            InterleavedForwardTSNChunk.type,
        ]
        var peer = CraftedPeer(seed: 1, configuration: Self.configuration, extensions: extensions)
        peer.send(peer.data(number: 0, isBeginning: true, isEnd: true, payload: [1]))
        #expect(peer.lastEvent == .aborted(.protocolViolation))

        var plain = CraftedPeer(seed: 1, extensions: extensions)
        plain.send(interleaved(plain, number: 0, message: 0))
        let ended = plain.association.isEnded
        #expect(!ended && plain.messages.isEmpty)
        #expect(
            plain.lastAnswer?.chunks
                == [.error(.init(causes: [.init(.unrecognizedChunk, information: [64, 3, 0, 4])]))])
    }

    private func interleaved(
        _ peer: borrowing CraftedPeer, number: Int, message: UInt32, fragment: UInt32 = 0,
        flags: FragmentFlags = [.beginning, .end], payload: [UInt8] = [1]
    ) -> SCTPChunk {
        .interleavedData(
            .init(
                tsn: peer.initialTSN.advanced(by: number), stream: peer.channel,
                message: MessageID(rawValue: message), payloadProtocol: .binary, fragment: fragment, flags: flags,
                payload: payload))
    }

    private func skip(_ peer: borrowing CraftedPeer, number: Int, message: UInt32) -> SCTPChunk {
        .interleavedForwardTSN(
            .init(
                newCumulativeTSN: peer.initialTSN.advanced(by: number),
                skippedStreams: [
                    .init(stream: peer.channel, isUnordered: false, message: MessageID(rawValue: message))
                ]))
    }

    @Test("Message numbers wrap")
    func wrap() {
        var peer = CraftedPeer(
            seed: 1, configuration: Self.configuration,
            extensions: [InterleavedDataChunk.type, InterleavedForwardTSNChunk.type])
        peer.send(skip(peer, number: 0, message: 0x7FFF_FFFF))
        peer.send(skip(peer, number: 1, message: 0xFFFF_FFFD))
        for (number, message) in [(2, UInt32.max), (4, 1), (3, 0), (5, .max - 1)] {
            peer.send(interleaved(peer, number: number, message: message, payload: [UInt8(number)]))
        }
        #expect(peer.messages == [[5], [2], [3], [4]])
    }

    @Test("Fragments that contradict one another are dropped, and what never ends is bounded")
    func hostileFragments() {
        let extensions = [InterleavedDataChunk.type, InterleavedForwardTSNChunk.type]
        var peer = CraftedPeer(seed: 1, configuration: Self.configuration, extensions: extensions)
        let contradictions: [(UInt32, FragmentFlags)] = [
            (2, .end), (0, .beginning), (3, []), (1, .end), (2, .end), (0, .beginning), (1, []),
        ]
        for (number, (fragment, flags)) in contradictions.enumerated() {
            peer.send(
                interleaved(
                    peer, number: number, message: 0, fragment: fragment, flags: flags, payload: [UInt8(number)]))
        }
        #expect(peer.messages == [[1, 6, 0]])

        var sent = 0
        var endless = CraftedPeer(seed: 2, configuration: Self.configuration, extensions: extensions)
        while !endless.association.isEnded, sent < 60_000 {
            endless.send(
                interleaved(
                    endless, number: sent, message: UInt32(sent), flags: .beginning,
                    payload: .init(repeating: 1, count: 500)))
            sent += 1
        }
        #expect(endless.lastEvent == .aborted(.outOfResources))
        #expect(sent < 5 * 1024 * 1024 / 500)

        var large = CraftedPeer(seed: 2, configuration: Self.configuration, extensions: extensions)
        for fragment in 0..<300 where !large.association.isEnded {
            large.send(
                interleaved(
                    large, number: fragment, message: 0, fragment: UInt32(fragment),
                    flags: fragment == 0 ? .beginning : [], payload: .init(repeating: 1, count: 1000)))
        }
        #expect(large.lastEvent == .aborted(.outOfResources))
    }
}
