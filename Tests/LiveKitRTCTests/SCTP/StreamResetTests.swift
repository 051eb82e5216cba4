import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Stream reset, RFC 6525")
struct StreamResetTests {
    private func request(
        _ peer: borrowing CraftedPeer, number: UInt32, last: Int, streams: [UInt16]
    ) -> SCTPChunk {
        .reconfiguration(
            .init(parameters: [
                .outgoingResetRequest(
                    .init(
                        requestSequence: peer.initialTSN.rawValue &+ number, responseSequence: 0,
                        lastAssignedTSN: peer.initialTSN.advanced(by: last),
                        streams: streams.map(StreamID.init(rawValue:))))
            ]))
    }

    /// What the association answered to the newest request.
    private func answer(_ peer: borrowing CraftedPeer) -> ReconfigurationResponseParameter.Result? {
        peer.lastAnswer?.chunks.compactMap(\.resetResponse).last?.result
    }

    @Test("A request that is ahead of its data waits, under the same number or a new one, and then is performed")
    func deferredReset() {
        var peer = CraftedPeer(seed: 1)
        peer.send(peer.data(number: 1, isBeginning: true, isEnd: true, payload: [1]))
        peer.send(request(peer, number: 0, last: 1, streams: [2]))
        #expect(answer(peer) == .inProgress)
        peer.send(request(peer, number: 0, last: 1, streams: [2]))
        #expect(answer(peer) == .inProgress)
        peer.send(request(peer, number: 1, last: 1, streams: [2]))
        #expect(answer(peer) == .inProgress)
        #expect(peer.messages.isEmpty)
        peer.send(peer.data(number: 0, isBeginning: true, isEnd: true, payload: [0]))
        #expect(answer(peer) == .performed)
        #expect(peer.messages == [[0], [1]])
        peer.send(request(peer, number: 1, last: 1, streams: [2]))
        #expect(answer(peer) == .performed)
        peer.send(request(peer, number: 7, last: 1, streams: [2]))
        #expect(answer(peer) == .badSequenceNumber)
    }

    @Test("What was sent after a deferred reset is delivered after it, numbered anew")
    func dataAfterReset() {
        var peer = CraftedPeer(seed: 1)
        let initialTSN = peer.initialTSN
        func chunk(_ number: Int, sequence: UInt16) -> SCTPChunk {
            .data(
                DataChunk(
                    tsn: initialTSN.advanced(by: number), stream: StreamID(rawValue: 9),
                    sequence: StreamSequenceNumber(rawValue: sequence), payloadProtocol: .binary,
                    payload: [UInt8(number)]))
        }
        func open(_ number: Int, sequence: UInt16) -> SCTPChunk {
            .data(
                DataChunk(
                    tsn: initialTSN.advanced(by: number), stream: StreamID(rawValue: 9),
                    sequence: StreamSequenceNumber(rawValue: sequence), payloadProtocol: .establishment,
                    payload: DataChannelMessage.open(.init(label: "l\(number)")).encoded()))
        }
        let (opened, early, late) = (open(0, sequence: 0), chunk(2, sequence: 2), chunk(1, sequence: 1))
        let (reopened, after) = (open(3, sequence: 0), chunk(4, sequence: 1))
        peer.send(opened)
        peer.send(early)
        peer.send(request(peer, number: 0, last: 2, streams: [9]))
        #expect(answer(peer) == .inProgress)
        peer.send(reopened)
        peer.send(after)
        #expect(peer.messages.isEmpty)
        peer.send(late)
        // Our own side of the stream is still to be reset, so the channel that was opened anew is not yet ours.
        #expect(peer.messages.prefix(2) == [[1], [2]])
        let ended = peer.association.isEnded
        #expect(!ended)
    }

    @Test("We ask again under a new number after \"in progress\", and stop when it is performed")
    func askedAgain() throws {
        var peer = CraftedPeer(seed: 2)
        peer.association.closeChannel(peer.channel, now: peer.now)
        peer.drain()
        let first = try #require(peer.lastAnswer?.chunks.compactMap(\.resetRequest).last)
        func respond(_ result: ReconfigurationResponseParameter.Result, to request: OutgoingResetRequestParameter)
            -> SCTPChunk
        {
            .reconfiguration(
                .init(parameters: [
                    .reconfigurationResponse(.init(responseSequence: request.requestSequence, result: result))
                ]))
        }
        var latest = first
        for round in 1...3 {
            peer.send(respond(.inProgress, to: latest))
            let deadline = peer.association.deadline
            peer.now = try #require(deadline)
            peer.association.handleTimeout(now: peer.now)
            peer.drain()
            latest = try #require(peer.lastAnswer?.chunks.compactMap(\.resetRequest).last)
            #expect(latest.requestSequence == first.requestSequence &+ UInt32(round))
            #expect(latest.streams == first.streams && latest.lastAssignedTSN == first.lastAssignedTSN)
        }
        peer.send(respond(.performed, to: latest))
        peer.send(request(peer, number: 0, last: -1, streams: [peer.channel.rawValue]))
        #expect(peer.lastEvent == .channelClosed(peer.channel))
    }

    @Test("An unanswered request is repeated as it was, with longer and longer waits")
    func repeated() throws {
        let pair = AssociationPair.connected(seed: 1)
        let id = try pair.left.openChannel(label: "a", now: pair.now)
        pair.run(for: .seconds(1))
        let drop = PacketDrop()
        for number in 1...4 { drop.drop(number, to: .right, type: ReconfigurationChunk.type) }
        drop.install(on: pair)
        pair.left.closeChannel(id, now: pair.now)
        pair.run(for: .seconds(20))
        let requests = drop.chunks(to: .right, \.resetRequest)
        #expect(Set(requests.map(\.value.requestSequence)).count == 1)
        let waits = zip(requests, requests.dropFirst()).map { ($1.at - $0.at).milliseconds }
        #expect(waits == [400, 800, 1600, 3000])
        #expect(pair.leftEvents.last == .channelClosed(id))
    }

    @Test("Many channels closed at once, both ways, under loss, all close; their numbers work again", arguments: 0..<4)
    func manyChannels(seed: UInt64) throws {
        let pair = AssociationPair.connected(seed: seed, conditions: .rough(loss: 0.15))
        for _ in 0..<2 {
            var ids: [DataChannelID] = []
            for number in 0..<300 {
                let id =
                    number % 2 == 0
                    ? try pair.left.openChannel(label: "l", now: pair.now)
                    : try pair.right.openChannel(label: "r", now: pair.now)
                ids.append(id)
            }
            pair.run(for: .seconds(60)) { $0.leftEvents.opened.count >= 300 && $0.rightEvents.opened.count >= 300 }
            for (number, id) in ids.enumerated() {
                if number % 3 != 0 { pair.left.closeChannel(id, now: pair.now) }
                if number % 3 != 1 { pair.right.closeChannel(id, now: pair.now) }
            }
            pair.run(for: .seconds(120)) { pair in
                [pair.leftEvents, pair.rightEvents].allSatisfy { events in
                    events.count { if case .channelClosed = $0 { true } else { false } } >= 300
                }
            }
            for id in ids {
                #expect(pair.leftEvents.filter { $0 == .channelClosed(id) }.count == 1)
                #expect(pair.rightEvents.filter { $0 == .channelClosed(id) }.count == 1)
            }
            pair.leftEvents = []
            pair.rightEvents = []
        }
    }

    @Test("Requests that data channels have no use for are refused or answered, and change nothing")
    func otherRequests() {
        var peer = CraftedPeer(seed: 4)
        let number = peer.initialTSN.rawValue
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
        // Add outgoing streams.
        peer.send(.reconfiguration(.init(parameters: [.unknown(.init(type: 17, value: bytes + [0, 5, 0, 0]))])))
        #expect(answer(peer) == .denied)
        peer.send(
            .reconfiguration(
                .init(parameters: [.incomingResetRequest(.init(requestSequence: number &+ 1, streams: [peer.channel]))])
            ))
        #expect(peer.lastAnswer?.chunks.compactMap(\.resetRequest).last?.streams == [peer.channel])
    }
}
