import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("SCTP with exactly one chunk lost, RFC 9260 §5 to §9")
struct SCTPChunkLossTests {
    private static func handshake(losing number: Int, to host: PacketDrop.Host, _ type: UInt8)
        -> (pair: AssociationPair, drop: PacketDrop)
    {
        let pair = AssociationPair(seed: 1)
        let drop = PacketDrop()
        drop.drop(number, to: host, type: type)
        drop.install(on: pair)
        pair.left.connect(now: pair.now)
        pair.run(for: .seconds(10)) { $0.areConnected }
        return (pair, drop)
    }

    @Test(
        "A handshake chunk lost costs one timeout",
        arguments: [
            (InitChunk.type, PacketDrop.Host.right), (InitAckChunk.type, .left), (CookieEchoChunk.type, .right),
            (CookieAckChunk.type, .left),
        ])
    func handshake(type: UInt8, host: PacketDrop.Host) {
        let (pair, drop) = Self.handshake(losing: 1, to: host, type)
        #expect(drop.dropped == 1)
        #expect(pair.areConnected)
        // 80 ms without loss, 500 ms of T1 more with it.
        #expect(pair.now == .start + .milliseconds(80 + 500))
        #expect(pair.leftEvents == [.connected] && pair.rightEvents == [.connected])
    }

    @Test("Data completes a handshake whose COOKIE ACK was lost")
    func dataInsteadOfCookieAck() throws {
        let pair = AssociationPair(seed: 1)
        let drop = PacketDrop()
        drop.drop(1, to: .left, type: CookieAckChunk.type)
        drop.install(on: pair)
        let id = try pair.right.openChannel(label: "a", now: pair.now)
        try pair.right.send(on: id, message: [1], isBinary: true, now: pair.now)
        pair.left.connect(now: pair.now)
        pair.run(for: .milliseconds(200))
        #expect(drop.dropped == 1)
        #expect(pair.leftEvents.first == .connected)
        #expect(pair.leftEvents.messages(on: id) == [[1]])
    }

    @Test("A lost DATA among others is sent again by fast retransmit, before any timeout", arguments: [2, 5, 9, 14])
    func fastRetransmit(number: Int) throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        let drop = PacketDrop()
        drop.drop(number, to: .right) { $0.data != nil }
        drop.install(on: pair)
        let began = pair.now
        for message in 0..<20 {
            try pair.left.send(on: id, message: numbered(message, size: 1000), isBinary: true, now: pair.now)
        }
        pair.run(for: .milliseconds(390)) { $0.rightEvents.messages(on: id).count == 20 }
        #expect(drop.dropped == 1)
        #expect(pair.rightEvents.messages(on: id) == (0..<20).map { numbered($0, size: 1000) })
        #expect(pair.now - began < .milliseconds(300))
        #expect(drop.chunks(to: .right, \.data).count == 21, "one chunk was sent twice, and no other")
    }

    @Test("The last DATA lost, with nothing after it, waits for the timer; so does a lost retransmission")
    func lastDataLost() throws {
        for losses in 1...3 {
            let pair = AssociationPair.connected(seed: 1)
            let id = try pair.left.openChannel(label: "a", now: pair.now)
            pair.run(for: .seconds(1))
            let drop = PacketDrop()
            for number in 1...losses { drop.drop(number, to: .right) { $0.data != nil } }
            drop.install(on: pair)
            let began = pair.now
            try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
            pair.run(for: .seconds(30)) { $0.rightEvents.messages(on: id).count == 1 }
            // 400 ms, then 800, then 1600, and the way of 20 ms.
            #expect(pair.now - began == .milliseconds(400 * ((1 << Int64(losses)) - 1) + 20))
        }
    }

    @Test("A lost SACK costs nothing while others follow")
    func sackLost() throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        let drop = PacketDrop()
        drop.drop(2, to: .left, type: SelectiveAckChunk.type)
        drop.install(on: pair)
        for message in 0..<10 {
            try pair.left.send(on: id, message: numbered(message, size: 1000), isBinary: true, now: pair.now)
        }
        pair.run(for: .seconds(3))
        #expect(drop.dropped == 1)
        #expect(drop.chunks(to: .right, \.data).count == 10)
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test("A chunk of a channel without retransmissions is not sent again; a FORWARD TSN lost is", arguments: 1...3)
    func forwardLost(losses: Int) throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.left.openChannel(label: "a", maxRetransmits: 0, now: pair.now)
        pair.run(for: .seconds(1))
        let drop = PacketDrop()
        drop.drop(1, to: .right) { $0.data != nil }
        for number in 1...losses { drop.drop(number, to: .right) { $0.forwardTSN != nil } }
        drop.install(on: pair)
        try pair.left.send(on: id, message: [1], isBinary: true, now: pair.now)
        pair.run(for: .seconds(20))
        try pair.left.send(on: id, message: [2], isBinary: true, now: pair.now)
        pair.run(for: .seconds(1))
        #expect(drop.dropped == losses + 1)
        #expect(drop.chunks(to: .right, \.data).map(\.value.payload) == [[1], [2]])
        #expect(drop.chunks(to: .right, \.forwardTSN).count == losses + 1)
        #expect(pair.rightEvents.messages(on: id) == [[2]])
        #expect(pair.leftBufferedBytes == 0)
    }

    @Test(
        "A RE-CONFIG lost, request or answer, is repeated, and the channel closes once",
        arguments: [(1, PacketDrop.Host.right), (1, .left), (2, .right)])
    func reconfigurationLost(number: Int, host: PacketDrop.Host) throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        let drop = PacketDrop()
        drop.drop(number, to: host, type: ReconfigurationChunk.type)
        drop.install(on: pair)
        pair.left.closeChannel(id, now: pair.now)
        pair.run(for: .seconds(10))
        #expect(drop.dropped == 1)
        #expect(pair.leftEvents.filter { $0 == .channelClosed(id) }.count == 1)
        #expect(pair.rightEvents.filter { $0 == .channelClosed(id) }.count == 1)
        let again = try pair.left.openChannel(label: "b", now: pair.now)
        #expect(again == id)
        try pair.left.send(on: again, message: [5], isBinary: true, now: pair.now)
        pair.run(for: .seconds(1))
        #expect(pair.rightEvents.last == .message(id, [5], isBinary: true))
    }

    @Test(
        "A lost SHUTDOWN, SHUTDOWN ACK or SHUTDOWN COMPLETE does not keep an association from ending",
        arguments: [
            (ShutdownChunk.type, PacketDrop.Host.right), (ShutdownAckChunk.type, .left),
            (ShutdownCompleteChunk.type, .right),
        ])
    func shutdownLost(type: UInt8, host: PacketDrop.Host) {
        let pair = AssociationPair.connected(seed: 1)
        let drop = PacketDrop()
        drop.drop(1, to: host, type: type)
        drop.install(on: pair)
        pair.left.shutdown(now: pair.now)
        pair.run(for: .seconds(60)) { $0.areEnded }
        #expect(drop.dropped == 1)
        #expect(pair.areEnded)
        #expect(pair.leftEvents.last == .closed && pair.rightEvents.last == .closed)
    }

    @Test("SHUTDOWN to a peer that vanished ends all the same, with an ABORT")
    func shutdownUnanswered() {
        let pair = AssociationPair.connected(seed: 1)
        pair.passes = { _, _ in false }
        pair.left.shutdown(now: pair.now)
        pair.run(for: .seconds(60)) { $0.left.isEnded }
        #expect(pair.leftEvents.last == .closed)
        #expect(pair.now > .start + .seconds(20))
    }

    @Test("While SHUTDOWN waits for its answer, the peer's data is taken and answered")
    func dataDuringShutdown() throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.right.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        for message in 0..<30 {
            try pair.right.send(on: id, message: numbered(message, size: 5000), isBinary: true, now: pair.now)
        }
        let drop = PacketDrop()
        drop.install(on: pair)
        pair.left.shutdown(now: pair.now)
        pair.run(for: .seconds(30)) { $0.areEnded }
        #expect(pair.areEnded)
        #expect(pair.leftEvents.messages(on: id).count == 30)
        #expect(drop.chunks(to: .right, { $0.type == ShutdownChunk.type ? true : nil }).count > 1)
    }
}
