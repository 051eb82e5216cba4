import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("TURNAllocation, RFC 8656, against the server machine")
struct TURNAllocationTests {
    private let data = Array("over the relay and back".utf8)

    private func isAllocated(_ call: TURNCall) -> Bool {
        if case .allocated? = call.events.first { call.client.state == .allocated } else { false }
    }

    @Test("Allocates, sends through a channel, and gets the echo", arguments: TURNTransport.allCases)
    func echoes(transport: TURNTransport) throws {
        let call = TURNCall(seed: 1, transport: transport)
        call.start()
        call.run(.milliseconds(200))
        #expect(isAllocated(call))
        #expect(call.client.mappedAddress == call.tuple.client)
        #expect(call.client.relayedAddress == call.server.relayedAddress(of: call.tuple))
        for number in 0..<20 { call.send(data + [UInt8(number)]) }
        call.run(.milliseconds(500))
        // Some wait for the channel; the rest has no place.
        #expect(Set(call.received.map(\.payload)) == Set((0..<8).map { data + [$0] }))
        for number in 0..<20 { call.send(Array(data.prefix(number))) }
        call.run(.milliseconds(500))
        #expect(call.received.count == 28)
        #expect(call.received.allSatisfy { $0.peer == TURNCall.peer })
        #expect(call.client.statistics.sentOnChannels == 28)
        #expect(call.client.statistics.sentAsIndications == 0)
        let mapped = call.client.mappedAddress
        #expect(mapped == call.tuple.client)
    }

    @Test("Allocates and binds through heavy loss, whatever the seed")
    func survivesLoss() {
        for seed in 1...100 as ClosedRange<UInt64> {
            let call = TURNCall(seed: seed, loss: 0.2)
            call.start()
            call.run(.seconds(40))
            guard isAllocated(call) else {
                Issue.record("seed \(seed): \(call.events)")
                continue
            }
            for _ in 0..<150 {
                call.send(data)
                call.run(.milliseconds(200))
            }
            call.run(.seconds(1))
            // Four times a loss of 0.2 on the way of each: 0.41 come back, of those after the channel stands.
            #expect(call.received.count > 20, "seed \(seed): \(call.received.count)")
            #expect(call.received.allSatisfy { $0.payload == data })
        }
    }

    @Test("Over UDP requests are repeated as RFC 8489 has it, and given up after 39.5 seconds")
    func repeatsRequests() {
        let call = TURNCall(seed: 1, loss: 1)
        call.start()
        call.run(.seconds(60))
        #expect(
            call.requests(.allocate).map { ($0 - .start).milliseconds } == [0, 500, 1500, 3500, 7500, 15_500, 31_500])
        #expect(call.events == [.failed(.timeout)])
        #expect(call.client.deadline == nil)
    }

    @Test("Over a stream nothing is repeated, and the wait is as long")
    func repeatsNothingOnStreams() {
        let call = TURNCall(seed: 1, transport: .tcp)
        call.tamper = { _ in nil }
        call.start()
        call.run(.milliseconds(39_400))
        #expect(call.events.isEmpty)
        call.run(.seconds(1))
        #expect(call.requests(.allocate).count == 1)
        #expect(call.events == [.failed(.timeout)])
    }

    @Test("An allocation lives as long as it is used, with permissions, channels and nonces renewed")
    func renewsEverything() {
        let call = TURNCall(seed: 3)
        call.start()
        call.run(.milliseconds(300))
        call.send(data)
        call.run(.seconds(1))
        // Three hours, a datagram each ten seconds.
        for step in 0..<1080 {
            call.send(data)
            call.run(.seconds(10))
            guard call.received.count == step + 2 else {
                Issue.record("lost a datagram at step \(step)")
                return
            }
        }
        #expect(call.events.count == 1)
        // The allocation each nine minutes; a channel each four, which includes the permission.
        #expect((19...45).contains(call.requests(.refresh).count))
        #expect((44...70).contains(call.requests(.channelBind).count))
        #expect(call.requests(.createPermission).isEmpty)
    }

    @Test("A peer that is no longer sent to is no longer renewed, and comes back when it is")
    func forgetsIdlePeers() {
        let call = TURNCall(seed: 4)
        call.start()
        call.run(.milliseconds(300))
        call.send(data)
        call.run(.seconds(7200))
        let binds = call.requests(.channelBind).count
        #expect(binds <= 2)
        #expect(call.client.state == .allocated)
        call.send(data)
        call.run(.seconds(1))
        #expect(call.received.count == 2)
    }

    @Test("Wrong passwords and unknown users fail at once", arguments: [("alice", "wrong"), ("stranger", "x")])
    func failsWithoutCredentials(user: String, password: String) {
        let call = TURNCall(seed: 1, user: user, password: password)
        call.start()
        call.run(.seconds(1))
        #expect(call.events == [.failed(.unauthorized)])
        #expect(call.requests(.allocate).count == 2)
    }

    @Test("Quota, capacity and a port in use are told apart")
    func tellsRefusalsApart() {
        let full = TURNCall(seed: 1, adjust: { $0.relayPorts = 30_000...30_000 })
        let quota = TURNCall(seed: 1, adjust: { $0.allocationsPerUser = 1 })
        for (call, expected) in [(full, TURNFailure.insufficientCapacity), (quota, .quotaReached)] {
            // Somebody else with the same credentials has what there is.
            let other = TURNDesk.client(2)
            let nonce = Self.nonce(call, other)
            call.server.receive(Self.allocate(nonce, serial: 9), from: other, now: call.now)
            Self.settle(call)
            call.start()
            call.run(.seconds(1))
            #expect(call.events == [.failed(expected)])
        }
        let used = TURNCall(seed: 1)
        used.server.receive(Self.allocate(Self.nonce(used, used.tuple), serial: 9), from: used.tuple, now: used.now)
        Self.settle(used)
        used.start()
        used.run(.seconds(1))
        #expect(used.events == [.failed(.portInUse)])
    }

    private static func allocate(_ nonce: String, serial: UInt64) -> [UInt8] {
        STUNMessage(
            class: .request, method: .allocate, transactionID: STUNTransactionID(high: 1, low: serial),
            attributes: [.requestedTransport(17), .username("alice"), .realm("livekit"), .nonce(nonce)]
        ).encoded(key: TURNDesk.key("alice"))
    }

    private static func nonce(_ call: TURNCall, _ client: TURNFiveTuple) -> String {
        let bare = STUNMessage(
            class: .request, method: .allocate, transactionID: STUNTransactionID(high: 1, low: 1),
            attributes: [.requestedTransport(17)])
        call.server.receive(bare.encoded(), from: client, now: call.now)
        var nonce = "none"
        while let action = call.server.pollAction() {
            guard case .send(let bytes, _) = action else { continue }
            nonce = (try? STUNMessage(parsing: bytes))?.nonce ?? nonce
        }
        return nonce
    }

    private static func settle(_ call: TURNCall) {
        while let action = call.server.pollAction() {
            if case .openRelay(let relay, _, _) = action { call.server.relayOpened(relay, now: call.now) }
        }
    }

    @Test("A peer that the server refuses is reported, once, and not asked for again for a while")
    func reportsRefusedPeers() {
        let call = TURNCall(seed: 1)
        call.start()
        call.run(.milliseconds(300))
        let inside = TURNDesk.address("10.0.0.1", 80)
        for _ in 0..<50 {
            call.send(data, to: inside)
            call.run(.milliseconds(100))
        }
        #expect(call.events.dropFirst() == [.peerRefused(inside, code: 403)])
        #expect(call.requests(.channelBind).count == 1)
        #expect(call.atPeers.isEmpty && call.client.state == .allocated)
    }

    @Test("Where no channel is left, data goes in indications")
    func fallsBackToIndications() {
        let call = TURNCall(seed: 1)
        call.start()
        call.run(.milliseconds(300))
        // As if the server had bound as many as it may.
        call.answer = { message in
            guard message.method == .channelBind else { return nil }
            return STUNMessage(
                class: .error, method: .channelBind, transactionID: message.transactionID,
                attributes: [.errorCode(.insufficientCapacity)])
        }
        for _ in 0..<10 {
            call.send(data)
            call.run(.milliseconds(200))
        }
        #expect(call.received.count == 10)
        #expect(call.client.statistics.sentAsIndications == 10)
        #expect(call.requests(.channelBind).count == 1 && call.requests(.createPermission).count == 1)
    }

    @Test("A permission alone lets a peer speak first")
    func permitsPeers() throws {
        let call = TURNCall(seed: 1)
        call.start()
        call.run(.milliseconds(300))
        call.permit(TURNCall.peer)
        call.run(.milliseconds(300))
        call.receive(data, onRelay: 1)
        call.run(.milliseconds(100))
        #expect(call.received.map(\.payload) == [data] && call.received.first?.peer == TURNCall.peer)
    }

    @Test("An alternate server is reported, not followed")
    func reportsAlternates() {
        let call = TURNCall(seed: 1)
        let other = TURNDesk.address("5.5.5.6", 3478)
        call.tamper = { bytes in
            guard let message = try? STUNMessage(parsing: bytes) else { return bytes }
            return STUNMessage(
                class: .error, method: .allocate, transactionID: message.transactionID,
                attributes: [.errorCode(.tryAlternate), .alternateServer(other)]
            ).encoded()
        }
        call.start()
        call.run(.seconds(1))
        #expect(call.events == [.alternateServer(other)])
    }

    @Test("A response that somebody else made is not believed")
    func refusesForgedResponses() {
        let call = TURNCall(seed: 1)
        call.tamper = { bytes in
            guard let message = try? STUNMessage(parsing: bytes), message.messageClass == .success else { return bytes }
            return STUNMessage(
                class: .success, method: .allocate, transactionID: message.transactionID,
                attributes: [.xorRelayedAddress(TURNDesk.address("6.6.6.6", 6)), .lifetime(600)]
            ).encoded(key: TURNDesk.key("mallory"))
        }
        call.start()
        call.run(.seconds(5))
        #expect(call.events.isEmpty && call.client.relayedAddress == nil)
        #expect(call.client.statistics.ignored > 0)
    }

    @Test("A server that has forgotten the allocation ends it")
    func noticesLoss() {
        let call = TURNCall(seed: 1)
        call.start()
        call.run(.milliseconds(300))
        call.server.streamClosed(call.tuple)
        call.send(data)
        call.run(.seconds(1))
        #expect(call.events.last == .failed(.lost))
    }

    @Test("Closing gives the allocation back, also through loss")
    func closes() {
        for seed in 1...30 as ClosedRange<UInt64> {
            let call = TURNCall(seed: seed, loss: 0.2)
            call.start()
            call.run(.seconds(20))
            call.send(data)
            call.close()
            call.run(.seconds(15))
            #expect(call.events.last == .closed, "seed \(seed)")
            #expect(call.client.deadline == nil)
        }
        let call = TURNCall(seed: 1, transport: .tls)
        call.start()
        call.run(.seconds(1))
        call.close()
        call.run(.seconds(1))
        #expect(call.events.last == .closed && call.server.allocationCount == 0)
    }

    @Test("A stream that is not TURN, or ends, ends the allocation")
    func endsWithTheStream() {
        let garbled = TURNCall(seed: 1, transport: .tcp)
        garbled.start()
        garbled.run(.seconds(1))
        garbled.receive(stream: 0xFF)
        garbled.run(.milliseconds(1))
        #expect(garbled.events.last == .failed(.connectionLost))
        let ended = TURNCall(seed: 1, transport: .tcp)
        ended.start()
        ended.run(.seconds(1))
        ended.client.connectionLost()
        ended.run(.milliseconds(1))
        #expect(ended.events.last == .failed(.connectionLost) && ended.client.deadline == nil)
    }

    @Test("Peers beyond the bound take the place of the idlest, and all is bounded")
    func boundsPeers() {
        let call = TURNCall(seed: 1)
        call.start()
        call.run(.milliseconds(300))
        for number in 0..<200 as Range<UInt32> {
            call.send(data, to: TransportAddress(ipv4: 0x0808_0000 + number, port: 5))
            call.run(.milliseconds(100))
        }
        #expect(call.received.count >= 128, "the server holds 128 permissions")
        #expect(call.client.state == .allocated)
        // The latest is reached, as far as the server has room.
        let first = TransportAddress(ipv4: 0x0808_0000, port: 5)
        call.send(data, to: first)
        call.run(.milliseconds(500))
        #expect(call.received.last?.peer == first)
    }

    @Test("Random bytes from the server neither trap nor allocate")
    func survivesGarbage() {
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = DeterministicRandom(seed: seed)
            let call = TURNCall(seed: seed)
            call.tamper = { bytes in
                var bytes = bytes
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    bytes[Int.random(in: bytes.indices, using: &random)] ^= UInt8.random(in: 0...255, using: &random)
                }
                return Array(bytes.prefix(Int.random(in: 0...(2 * bytes.count), using: &random)))
            }
            call.start()
            for _ in 0..<100 {
                call.send(data)
                call.run(.milliseconds(500))
            }
            #expect(call.received.allSatisfy { $0.payload.count <= data.count })
        }
    }
}
