import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP data transfer, RFC 9260 §6 and §7, RFC 3758")
struct SCTPDataTransferTests {
    @Test(
        "Reliable and ordered: nothing lost, reordered or doubled, whatever the size", arguments: 0..<4)
    func reliableOrdered(seed: Int) throws {
        let pair = AssociationPair.connected(
            seed: UInt64(seed), conditions: .rough(loss: seed % 2 == 0 ? 0.05 : 0.1), left: .largeMessages,
            right: .largeMessages)
        var random = DeterministicRandom(seed: UInt64(seed))
        let channel = try pair.left.openChannel(label: "a", now: pair.now)
        let other = try pair.right.openChannel(label: "b", now: pair.now)
        let sizes = [1, 262_144] + (0..<40).map { _ in Int.random(in: 1...6000, using: &random) } + [1160, 1161, 0]
        for (number, size) in sizes.enumerated() {
            try pair.left.send(on: channel, message: numbered(number, size: size), isBinary: true, now: pair.now)
            try pair.right.send(on: other, message: numbered(number, size: size / 8), isBinary: false, now: pair.now)
        }
        pair.run(for: .seconds(120)) {
            $0.rightEvents.messages(on: channel).count >= sizes.count
                && $0.leftEvents.messages(on: other).count >= sizes.count
        }
        pair.link.conditions = .init()
        pair.run(for: .seconds(5))
        let expected = sizes.enumerated().map { numbered($0.offset, size: $0.element) }
        #expect(pair.rightEvents.messages(on: channel) == expected)
        #expect(pair.leftEvents.messages(on: other) == sizes.enumerated().map { numbered($0.0, size: $0.1 / 8) })
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("Packets keep to the size that they are told: 511 bytes on a path of 576", arguments: 0..<2)
    func smallPackets(seed: UInt64) throws {
        var configuration = SCTPConfiguration.largeMessages
        configuration.maximumPacketSize = 576 - 20 - 8 - 37
        let pair = AssociationPair.connected(
            seed: seed, conditions: .rough(loss: 0.05), left: configuration, right: configuration)
        var largest = 0
        pair.passes = { _, bytes in
            largest = max(largest, bytes.count)
            return true
        }
        let channel = try pair.left.openChannel(label: "a", now: pair.now)
        let message = numbered(1, size: 100_000)
        try pair.left.send(on: channel, message: message, isBinary: true, now: pair.now)
        pair.run(for: .seconds(60)) { !$0.rightEvents.messages(on: channel).isEmpty }
        #expect(pair.rightEvents.messages(on: channel) == [message])
        #expect((500...511).contains(largest))
    }

    @Test("Unordered and reliable: everything arrives once", arguments: 0..<3)
    func reliableUnordered(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: 0.1))
        let channel = try pair.left.openChannel(label: "a", ordered: false, now: pair.now)
        pair.run(for: .seconds(5))
        for number in 0..<200 {
            try pair.left.send(
                on: channel, message: numbered(number, size: 4 + number * 20), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(60)) { $0.rightEvents.messages(on: channel).count >= 200 }
        let arrived = pair.rightEvents.messages(on: channel)
        #expect(arrived.count == 200)
        #expect(Set(arrived) == Set((0..<200).map { numbered($0, size: 4 + $0 * 20) }))
        #expect(arrived != (0..<200).map { numbered($0, size: 4 + $0 * 20) }, "nothing overtook anything")
    }

    @Test("Lossy: what is lost is given up and the rest goes on", arguments: 0..<4)
    func lossy(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed)
        let channel = try pair.left.openChannel(
            label: "_lossy", ordered: seed % 2 == 0, maxRetransmits: 0, now: pair.now)
        pair.run(for: .seconds(1))
        pair.link.conditions = .rough(loss: 0.1)
        for number in 0..<400 {
            try pair.left.send(
                on: channel, message: numbered(number, size: number % 7 == 0 ? 3000 : 300), isBinary: true,
                now: pair.now)
            pair.run(for: .milliseconds(10))
        }
        pair.link.conditions = .init()
        pair.run(for: .seconds(5))
        try pair.left.send(on: channel, message: numbered(400, size: 10), isBinary: true, now: pair.now)
        pair.run(for: .seconds(2))
        let arrived = pair.rightEvents.messages(on: channel)
        #expect((300..<401).contains(arrived.count))
        #expect(Set(arrived).count == arrived.count)
        #expect(arrived.last == numbered(400, size: 10))
        #expect(pair.leftBufferedBytes == 0)
        if seed % 2 == 0 { #expect(arrived == arrived.sorted { $0.messageNumber < $1.messageNumber }) }
    }

    @Test("A lifetime ends what waits and what is half sent, on an ordered channel too")
    func lifetime() throws {
        let pair = AssociationPair.connected(seed: 7)
        let channel = try pair.left.openChannel(label: "a", maxPacketLifeTime: .milliseconds(300), now: pair.now)
        pair.run(for: .seconds(1))
        pair.passes = { _, _ in false }
        try pair.left.send(on: channel, message: numbered(1, size: 60_000), isBinary: true, now: pair.now)
        try pair.left.send(on: channel, message: numbered(2, size: 100), isBinary: true, now: pair.now)
        pair.run(for: .seconds(1))
        pair.passes = nil
        try pair.left.send(on: channel, message: numbered(3, size: 100), isBinary: true, now: pair.now)
        pair.run(for: .seconds(10))
        #expect(pair.rightEvents.messages(on: channel) == [numbered(3, size: 100)])
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("A message whose sent part was acknowledged before its lifetime ended is given up too")
    func lifetimeOfAnAcknowledgedPart() throws {
        let pair = AssociationPair.connected(
            seed: 7, conditions: .init(delay: .milliseconds(100) ... .milliseconds(100)))
        let channel = try pair.left.openChannel(label: "a", maxPacketLifeTime: .milliseconds(250), now: pair.now)
        try pair.left.send(on: channel, message: numbered(1, size: 65_000), isBinary: true, now: pair.now)
        pair.run(for: .seconds(1))
        try pair.left.send(on: channel, message: numbered(2, size: 100), isBinary: true, now: pair.now)
        pair.run(for: .seconds(2))
        #expect(pair.rightEvents.messages(on: channel) == [numbered(2, size: 100)])
    }

    @Test("Empty messages and strings arrive as what they are")
    func emptyMessages() throws {
        let pair = AssociationPair.connected(seed: 1)
        let channel = try pair.left.openChannel(label: "a", now: pair.now)
        let messages: [([UInt8], Bool)] = [([], true), ([], false), (Array("é".utf8), false), ([0], true)]
        for (payload, isBinary) in messages {
            try pair.left.send(on: channel, message: payload, isBinary: isBinary, now: pair.now)
        }
        pair.run(for: .seconds(1))
        #expect(pair.rightEvents.suffix(4) == messages.map { .message(channel, $0.0, isBinary: $0.1) }[...])
    }

    @Test("1 % loss and 60 ms round trip still carry more than a megabit each second")
    func throughputWithLoss() throws {
        #expect(try throughput(.init(loss: 0.01, delay: .milliseconds(30) ... .milliseconds(30))) > 1_000_000)
    }

    @Test("Without loss the window opens wide")
    func throughputWithoutLoss() throws {
        #expect(try throughput(.init(delay: .milliseconds(30) ... .milliseconds(30))) > 16_000_000)
    }

    /// Bits each second over two seconds, with a sender that always has something.
    private func throughput(_ conditions: SimulatedLink<[UInt8]>.Conditions) throws -> Double {
        // A window of 256 KiB bounds the packets of a test; at 60 ms it admits 35 Mbit/s.
        var configuration = SCTPConfiguration()
        configuration.receiveWindow = 256 * 1024
        let pair = AssociationPair.connected(seed: 11, conditions: conditions, right: configuration)
        let channel = try pair.left.openChannel(label: "a", now: pair.now)
        let payload = numbered(0, size: 32768)
        var bytes = 0
        let seconds = 2
        for _ in 0..<seconds * 20 {
            while pair.left.bufferedAmount(of: channel) < 1 << 18 {
                try pair.left.send(on: channel, message: payload, isBinary: true, now: pair.now)
            }
            pair.run(for: .milliseconds(50))
            bytes += pair.rightEvents.messages(on: channel).reduce(0) { $0 + $1.count }
            pair.rightEvents.removeAll()
        }
        return Double(bytes) * 8 / Double(seconds)
    }

    @Test("Data follows a long silence of the path within the longest timeout")
    func outage() throws {
        let pair = AssociationPair.connected(seed: 12)
        let channel = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        pair.passes = { _, _ in false }
        try pair.left.send(on: channel, message: [1], isBinary: true, now: pair.now)
        pair.run(for: .seconds(60))
        pair.passes = nil
        pair.run(for: .milliseconds(3100))
        #expect(pair.rightEvents.messages(on: channel) == [[1]])
    }
}

extension [UInt8] {
    var messageNumber: Int { prefix(4).enumerated().reduce(0) { $0 + Int($1.element) << ($1.offset * 8) } }
}

extension SCTPConfiguration {
    static var largeMessages: SCTPConfiguration {
        var configuration = SCTPConfiguration()
        configuration.maximumMessageSize = SCTPConfiguration.announcedMessageSize
        return configuration
    }
}
