import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Data channels, RFC 8831 and RFC 8832")
struct DataChannelTests {
    @Test("The client's channels are even, the server's odd, and the peer learns their properties")
    func opening() throws {
        let pair = AssociationPair.connected(seed: 1)
        let even = try pair.left.openChannel(label: "_reliable", now: pair.now)
        let lossy = try pair.left.openChannel(label: "_lossy", ordered: false, maxRetransmits: 0, now: pair.now)
        let odd = try pair.right.openChannel(
            label: "c", protocol: "p", maxPacketLifeTime: .milliseconds(250), now: pair.now)
        #expect([even, lossy, odd].map(\.rawValue) == [0, 2, 1])
        pair.run(for: .seconds(1))
        let remote = pair.rightEvents.opened.filter(\.isRemote)
        #expect(remote.map(\.label) == ["_reliable", "_lossy"])
        #expect(remote.map(\.isOrdered) == [true, false])
        #expect(remote.map(\.reliability) == [.reliable, .maxRetransmits(0)])
        let other = pair.leftEvents.opened.filter(\.isRemote)
        #expect(other.map(\.protocolName) == ["p"])
        #expect(other.map(\.reliability) == [.maxLifetime(milliseconds: 250)])
    }

    @Test("Channels and messages from before the handshake go out after it")
    func openingEarly() throws {
        let pair = AssociationPair(seed: 2)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        try pair.left.send(on: id, message: [1, 2, 3], isBinary: true, now: pair.now)
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(2))
        #expect(pair.leftEvents.first == .connected)
        #expect(pair.leftEvents.opened.map(\.id) == [id])
        #expect(pair.rightEvents.messages(on: id) == [[1, 2, 3]])
    }

    @Test("A message never overtakes the OPEN of its channel, unordered or not", arguments: 0..<4)
    func noOvertaking(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: 0.2))
        let id = try pair.left.openChannel(label: "a", ordered: false, now: pair.now)
        for number in 0..<20 {
            try pair.left.send(on: id, message: numbered(number, size: 900), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(20)) { $0.rightEvents.messages(on: id).count == 20 }
        #expect(pair.rightEvents.messages(on: id).count == 20)
    }

    @Test("Negotiated channels work without OPEN")
    func negotiated() throws {
        let pair = AssociationPair.connected(seed: 3)
        let id = StreamID(rawValue: 100)
        _ = try pair.left.openChannel(label: "a", negotiatedID: id, now: pair.now)
        _ = try pair.right.openChannel(label: "a", negotiatedID: id, now: pair.now)
        try pair.right.send(on: id, message: [7], isBinary: false, now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.leftEvents.last == .message(id, [7], isBinary: false))
        #expect(throws: SCTPSendError.noFreeChannel) {
            try pair.left.openChannel(label: "b", negotiatedID: id, now: pair.now)
        }
    }

    @Test("Closing sends what waits, tells both sides, and frees the number", arguments: 0..<4)
    func closing(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: Double(seed % 4) / 10))
        for round in 0..<5 {
            let id = try pair.left.openChannel(label: "r\(round)", ordered: round % 2 == 0, now: pair.now)
            #expect(id.rawValue == 0)
            for number in 0..<10 {
                try pair.left.send(on: id, message: numbered(number, size: 2000), isBinary: true, now: pair.now)
            }
            pair.left.closeChannel(id, now: pair.now)
            #expect(throws: SCTPSendError.closed) {
                try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
            }
            pair.run(for: .seconds(60)) {
                $0.leftEvents.contains(.channelClosed(id)) && $0.rightEvents.contains(.channelClosed(id))
            }
            #expect(pair.leftEvents.last == .channelClosed(id))
            #expect(pair.rightEvents.last == .channelClosed(id))
            #expect(pair.rightEvents.messages(on: id).count == 10)
            #expect(pair.rightEvents.opened.last?.label == "r\(round)")
            pair.leftEvents = []
            pair.rightEvents = []
        }
    }

    @Test("Both sides may close the same channel at once", arguments: 0..<6)
    func closingTogether(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        pair.link.conditions = .rough(loss: 0.2)
        pair.left.closeChannel(id, now: pair.now)
        pair.right.closeChannel(id, now: pair.now)
        pair.run(for: .seconds(30))
        #expect(pair.leftEvents.filter { $0 == .channelClosed(id) }.count == 1)
        #expect(pair.rightEvents.filter { $0 == .channelClosed(id) }.count == 1)
    }

    @Test("Closing one channel leaves the others alone")
    func closingOne() throws {
        let pair = AssociationPair.connected(seed: 5, conditions: .rough(loss: 0.1))
        let kept = try pair.left.openChannel(label: "a", now: pair.now)
        let closed = try pair.left.openChannel(label: "b", now: pair.now)
        for number in 0..<40 {
            try pair.left.send(on: kept, message: numbered(number, size: 500), isBinary: true, now: pair.now)
            if number == 20 { pair.left.closeChannel(closed, now: pair.now) }
            pair.run(for: .milliseconds(50))
        }
        pair.run(for: .seconds(20))
        #expect(pair.rightEvents.messages(on: kept) == (0..<40).map { numbered($0, size: 500) })
        #expect(pair.leftEvents.contains(.channelClosed(closed)) && pair.rightEvents.contains(.channelClosed(closed)))
        #expect(!pair.leftEvents.contains(.channelClosed(kept)))
    }

    @Test("What waits is told when it has fallen to the threshold, once for each fall")
    func bufferedAmountLow() throws {
        let pair = AssociationPair.connected(seed: 6)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.left.setBufferedAmountLowThreshold(10_000, of: id)
        for _ in 0..<2 {
            for _ in 0..<50 {
                try pair.left.send(on: id, message: numbered(0, size: 1000), isBinary: true, now: pair.now)
            }
            pair.run(for: .seconds(5))
        }
        #expect(pair.leftEvents.filter { $0 == .bufferedAmountLow(id) }.count == 2)
    }
}
