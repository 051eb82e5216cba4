import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP over long runs: wraps, idle times, outages")
struct SCTPLongRunTests {
    @Test("TSNs and stream sequence numbers wrap under loss without a trace")
    func wraps() throws {
        var configuration = SCTPConfiguration()
        configuration.initialTSN = TSN(rawValue: .max - 3000)
        let pair = AssociationPair.connected(
            seed: 1, conditions: .rough(loss: 0.02, delayMilliseconds: 5), left: configuration)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(2))
        var arrived = 0
        var isInOrder = true
        var seen = Set<Int>()
        for batch in 0..<67 {
            for number in batch * 1000..<batch * 1000 + 1000 {
                try pair.left.send(on: id, message: numbered(number, size: 4), isBinary: true, now: pair.now)
            }
            pair.run(for: .seconds(60)) { pair in pair.rightEvents.count >= 1000 }
            for message in pair.rightEvents.messages(on: id).map(\.messageNumber) {
                isInOrder = isInOrder && message == arrived
                seen.insert(message)
                arrived += 1
            }
            pair.rightEvents = []
        }
        pair.run(for: .seconds(2))
        #expect(arrived == 67_000 && seen.count == 67_000)
        #expect(isInOrder)
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("Stream sequence numbers wrap on a channel that gives messages up")
    func wrapsWithLosses() throws {
        var configuration = SCTPConfiguration()
        configuration.initialTSN = TSN(rawValue: .max - 40_000)
        let pair = AssociationPair.connected(seed: 2, left: configuration)
        let id = try pair.left.openChannel(label: "a", maxRetransmits: 0, now: pair.now)
        pair.run(for: .seconds(1))
        pair.link.conditions = .rough(loss: 0.05, delayMilliseconds: 5)
        var last = -1
        var count = 0
        var isInOrder = true
        for batch in 0..<700 {
            for number in batch * 100..<batch * 100 + 100 {
                try pair.left.send(on: id, message: numbered(number, size: 4), isBinary: true, now: pair.now)
            }
            pair.run(for: .milliseconds(100))
            for message in pair.rightEvents.messages(on: id).map(\.messageNumber) {
                isInOrder = isInOrder && message > last
                last = message
                count += 1
            }
            pair.rightEvents = []
        }
        #expect(isInOrder)
        #expect(last > 69_500 && (60_000..<70_000).contains(count))
    }

    @Test("After a silence the window starts small again, and the burst is bounded")
    func afterIdle() throws {
        let pair = AssociationPair.connected(seed: 3, left: .largeMessages, right: .largeMessages)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        for number in 0..<30 {
            try pair.left.send(on: id, message: numbered(number, size: 100_000), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(20)) { $0.rightEvents.messages(on: id).count == 30 }
        pair.run(for: .seconds(20))
        let drop = PacketDrop()
        drop.install(on: pair)
        try pair.left.send(on: id, message: numbered(1, size: 200_000), isBinary: true, now: pair.now)
        let began = pair.now
        pair.run(for: .seconds(1))
        let data = drop.chunks(to: .right, \.data)
        #expect(data.count { $0.at == began } == 10)
        #expect(data.count { $0.at < began + .milliseconds(60) } <= 30)
        #expect(pair.rightEvents.messages(on: id).count == 31)
    }

    @Test("After an outage a reliable channel goes on where it stopped, a lossy one at what is newest")
    func outage() throws {
        let pair = AssociationPair.connected(seed: 4)
        let reliable = try pair.left.openChannel(label: "r", now: pair.now)
        let lossy = try pair.left.openChannel(label: "l", ordered: false, maxRetransmits: 0, now: pair.now)
        pair.run(for: .seconds(1))
        for number in 0..<600 {
            if number == 100 { pair.passes = { _, _ in false } }
            if number == 500 { pair.passes = nil }
            for id in [reliable, lossy] {
                try pair.left.send(on: id, message: numbered(number, size: 200), isBinary: true, now: pair.now)
            }
            pair.run(for: .milliseconds(50))
        }
        pair.run(for: .seconds(10))
        #expect(pair.rightEvents.messages(on: reliable) == (0..<600).map { numbered($0, size: 200) })
        let arrived = pair.rightEvents.messages(on: lossy).map(\.messageNumber)
        #expect(Set(arrived).count == arrived.count)
        #expect(arrived.last == 599 && arrived.count >= 200)
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("A peer without FORWARD TSN gets everything that was begun, lifetimes or not")
    func withoutForwardTSN() throws {
        var peer = CraftedPeer(seed: 5, extensions: [])
        let id = try peer.association.openChannel(
            label: "a", maxPacketLifeTime: .milliseconds(100), negotiatedID: StreamID(rawValue: 8), now: peer.now)
        try peer.association.send(on: id, message: .init(repeating: 1, count: 30_000), isBinary: true, now: peer.now)
        try peer.association.send(on: id, message: .init(repeating: 2, count: 100), isBinary: true, now: peer.now)
        var acknowledged = peer.theirTSN
        var payload = 0
        for _ in 0..<40 {
            while let bytes = peer.association.pollTransmit() {
                for chunk in try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true).chunks {
                    #expect(chunk.forwardTSN == nil)
                    guard let data = chunk.data, data.tsn == acknowledged.advanced(by: 1) else { continue }
                    acknowledged = data.tsn
                    payload += data.payload.count
                }
            }
            peer.now = peer.now + .milliseconds(200)
            let sack = SCTPChunk.selectiveAck(.init(cumulativeTSN: acknowledged, receiverWindow: 100_000))
            let packet = SCTPPacket(
                sourcePort: 5000, destinationPort: 5000, verificationTag: peer.tag, chunks: [sack])
            peer.association.receive(packet.encoded().rawSpan, now: peer.now)
        }
        #expect(payload == 30_000, "the message that was begun, and not the one that had not")
        let left = peer.association.bufferedBytes
        #expect(left == 0)
    }

    @Test(
        "Random conditions, channels and sizes: reliable channels are exact, the others never stall", arguments: 0..<8)
    func soak(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed &+ 77)
        let conditions = SimulatedLink<[UInt8]>.Conditions(
            loss: Double.random(in: 0...0.2, using: &random), duplication: Double.random(in: 0...0.1, using: &random),
            delay: .milliseconds(1) ... .milliseconds(Int64.random(in: 1...120, using: &random)))
        var configuration = SCTPConfiguration.largeMessages
        configuration.offersInterleaving = seed % 2 == 1
        configuration.receiveWindow = seed % 3 == 0 ? 300_000 : 5 << 20
        let pair = AssociationPair.connected(
            seed: seed, conditions: conditions, left: configuration, right: configuration)
        var sent: [DataChannelID: [[UInt8]]] = [:]
        var reliable: [DataChannelID: Bool] = [:]
        var lossy: [DataChannelID] = []
        for number in 0..<8 {
            let isOrdered = number % 2 == 0
            if number < 4 {
                reliable[try pair.left.openChannel(label: "r", ordered: isOrdered, now: pair.now)] = isOrdered
            } else {
                lossy.append(
                    try pair.left.openChannel(
                        label: "l", ordered: isOrdered, maxRetransmits: number < 6 ? 1 : nil,
                        maxPacketLifeTime: number < 6 ? nil : .milliseconds(200), now: pair.now))
            }
        }
        for number in 0..<160 {
            let all = reliable.keys.sorted { $0.rawValue < $1.rawValue } + lossy
            let id = all[Int.random(in: 0..<all.count, using: &random)]
            let size = number % 40 == 7 ? 60_000 : Int.random(in: 4...4000, using: &random)
            sent[id, default: []].append(numbered(number, size: size))
            try pair.left.send(on: id, message: numbered(number, size: size), isBinary: true, now: pair.now)
            if Bool.random(using: &random) {
                pair.run(for: .milliseconds(Int64.random(in: 0...60, using: &random)))
            }
        }
        pair.run(for: .seconds(300)) { $0.leftBufferedBytes == 0 }
        pair.link.conditions = .init()
        pair.run(for: .seconds(10))
        for (id, isOrdered) in reliable {
            let arrived = pair.rightEvents.messages(on: id)
            if isOrdered { #expect(arrived == sent[id] ?? []) }
            #expect(arrived.map(\.messageNumber).sorted() == (sent[id] ?? []).map(\.messageNumber))
        }
        for id in lossy {
            try pair.left.send(on: id, message: numbered(9999, size: 8), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(2))
        for id in lossy { #expect(pair.rightEvents.messages(on: id).last == numbered(9999, size: 8)) }
        #expect(pair.leftBufferedBytes == 0)
    }
}
