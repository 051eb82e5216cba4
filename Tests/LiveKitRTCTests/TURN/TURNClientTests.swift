import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("TURNClient: which server, which port, how long")
struct TURNClientTests {
    /// A client whose owner connects at once, with the server's words in the test's hand.
    private struct Bench: ~Copyable {
        var client: TURNClient
        var now = MediaInstant.start
        var events: [TURNClientEvent] = []
        /// Requests that wait for an answer.
        var requests: [STUNMessage] = []
        var connects = true
        var takesEvents = true

        init(_ addresses: [TransportAddress], transport: TURNTransport = .udp) {
            client = TURNClient(
                addresses: addresses,
                configuration: TURNAllocationConfiguration(
                    transport: transport, username: "alice", password: "secret of alice"),
                random: DeterministicRandom(seed: 1))
        }

        mutating func start() {
            client.start(now: now)
            drain()
        }

        mutating func drain() {
            while takesEvents, let event = client.pollEvent() {
                events.append(event)
                if case .connect = event, connects { client.connected(now: now) }
            }
            while let bytes = client.pollTransmit() {
                if let message = try? STUNMessage(parsing: bytes) { requests.append(message) }
            }
        }

        mutating func answer(_ attributes: [STUNAttribute], class answerClass: STUNMessage.Class = .error) {
            guard let request = requests.popLast() else { return }
            requests = []
            let key = request.hasIntegrity ? TURNDesk.key("alice") : nil
            let response = STUNMessage(
                class: answerClass, method: request.method, transactionID: request.transactionID,
                attributes: attributes)
            client.receive(response.encoded(key: key, fingerprint: false).rawSpan, now: now)
            drain()
        }

        mutating func challenge(_ nonce: String = "nonce", code: UInt16 = 401) {
            answer([.errorCode(STUNErrorCode(code: code, reason: "")), .realm("livekit"), .nonce(nonce)])
        }

        mutating func refuse(_ code: UInt16) { answer([.errorCode(STUNErrorCode(code: code, reason: ""))]) }

        mutating func grant(_ relayed: TransportAddress) {
            challenge()
            answer([.xorRelayedAddress(relayed), .lifetime(600), .xorMappedAddress(relayed)], class: .success)
        }

        mutating func pass(_ duration: MediaDuration) {
            let end = now + duration
            while let deadline = client.deadline, deadline <= end {
                now = max(now, deadline)
                client.handleTimeout(now: now)
                drain()
            }
            now = end
        }
    }

    private let first = TURNDesk.address("5.5.5.5", 3478)
    private let second = TURNDesk.address("5.5.5.6", 3478)
    private let relayed = TURNDesk.address("5.5.5.5", 40_000)

    @Test("Refusals without end, which nobody takes, are counted and do not hide that the address is lost")
    func refusals() {
        var bench = Bench([first])
        bench.start()
        bench.grant(relayed)
        bench.takesEvents = false
        for port in 0..<400 {
            bench.client.send([1], to: TURNDesk.address("9.9.9.9", UInt16(1000 + port)), now: bench.now)
            bench.drain()
            bench.refuse(403)
        }
        bench.client.connectionLost(now: bench.now)
        bench.takesEvents = true
        bench.drain()
        let told = bench.events.count { if case .peerRefused = $0 { true } else { false } }
        let dropped = bench.client.statistics.droppedRefusals
        #expect(told > 0 && dropped > 0 && told + dropped == 400)
        #expect(bench.events.contains(.lost(.connectionLost)))
    }

    @Test("A server that does not answer gives way to its next address, and the last to despair")
    func triesAddresses() {
        var bench = Bench([first, second])
        bench.start()
        bench.pass(.seconds(40))
        #expect(bench.events == [.connect(first), .connect(second)])
        bench.pass(.seconds(40))
        #expect(bench.events.last == .gaveUp(.timeout))
        #expect(bench.client.deadline == nil)
    }

    @Test("A connection that does not come about within five seconds is given up")
    func givesConnectionsTime() {
        var bench = Bench([first, second], transport: .tls)
        bench.connects = false
        bench.start()
        bench.pass(.milliseconds(4900))
        #expect(bench.events == [.connect(first)])
        bench.pass(.milliseconds(200))
        #expect(bench.events == [.connect(first), .connect(second)])
        bench.client.connectionLost(.untrusted("self-signed"), now: bench.now)
        bench.drain()
        #expect(bench.events.last == .gaveUp(.untrusted("self-signed")))
    }

    @Test("Another server is asked where the first says so, but nobody twice and not for ever")
    func followsAlternates() {
        var bench = Bench([first])
        bench.start()
        for number in 1...4 as ClosedRange<UInt32> {
            let other = TransportAddress(ipv4: 0x0606_0600 + number, port: 3478)
            bench.answer([.errorCode(STUNErrorCode(code: 300, reason: "")), .alternateServer(other)])
            #expect(bench.events.last == .connect(other))
        }
        bench.answer([
            .errorCode(STUNErrorCode(code: 300, reason: "")),
            .alternateServer(TransportAddress(ipv4: 0x0606_0601, port: 3478)),
        ])
        #expect(bench.events.last == .gaveUp(.refused(300)))
    }

    @Test("Where the server remembers another allocation from our port, two more ports are tried")
    func triesPorts() {
        var bench = Bench([first])
        bench.start()
        for _ in 0..<3 {
            bench.challenge()
            bench.refuse(437)
        }
        #expect(bench.events == [.connect(first), .connect(first), .connect(first), .gaveUp(.portInUse)])
    }

    @Test("Wrong credentials and a full quota are final", arguments: [(401, false), (486, true)] as [(UInt16, Bool)])
    func acceptsTheEnd(code: UInt16, isQuota: Bool) {
        var bench = Bench([first, second])
        bench.start()
        bench.challenge()
        if isQuota { bench.refuse(code) } else { bench.challenge() }
        #expect(bench.events.last == .gaveUp(isQuota ? .quotaReached : .unauthorized))
    }

    @Test("A stale nonce is replaced without ado")
    func renewsNonces() {
        var bench = Bench([first])
        bench.start()
        bench.challenge()
        bench.challenge("fresh", code: 438)
        #expect(bench.requests.last?.nonce == "fresh")
        bench.answer([.xorRelayedAddress(relayed), .lifetime(600)], class: .success)
        #expect(bench.events.last == .allocated(relayed: relayed, mapped: nil))
    }

    @Test("A server that falls silent while we send is asked, and that it forgot us is noticed in seconds")
    func probes() {
        var bench = Bench([first])
        bench.start()
        bench.grant(relayed)
        #expect(bench.events.last == .allocated(relayed: relayed, mapped: relayed))
        bench.requests = []
        bench.client.send([1, 2, 3], to: TURNDesk.peer, now: bench.now)
        bench.pass(.milliseconds(3100))
        #expect(bench.requests.last?.method == .refresh)
        bench.refuse(437)
        #expect(bench.events.suffix(2) == [.lost(.lost), .connect(first)])
        bench.grant(relayed.with(port: 40_001))
        #expect(
            bench.events.last == .allocated(relayed: relayed.with(port: 40_001), mapped: relayed.with(port: 40_001)))
    }

    @Test("An idle allocation is left alone")
    func leavesIdleOnesAlone() {
        var bench = Bench([first])
        bench.start()
        bench.grant(relayed)
        bench.requests = []
        bench.pass(.seconds(500))
        #expect(bench.requests.isEmpty)
    }

    @Test("A server that loses allocation after allocation is given up, later and later")
    func givesUpBadServers() {
        var bench = Bench([first])
        bench.start()
        var losses = 0
        while losses < 20, bench.events.last != .gaveUp(.lost) {
            bench.grant(relayed)
            bench.client.send([1], to: TURNDesk.peer, now: bench.now)
            bench.pass(.milliseconds(3100))
            bench.refuse(437)
            // Longer than the longest pause, shorter than the life of a request.
            bench.pass(.seconds(35))
            losses += 1
        }
        #expect((2...8).contains(losses))
        #expect(bench.client.deadline == nil)
    }

    @Test("ChannelData is made and read in place, padded on streams", arguments: TURNTransport.allCases)
    func wrapsInPlace(transport: TURNTransport) throws {
        var bench = Bench([first], transport: transport)
        bench.start()
        bench.grant(relayed)
        bench.requests = []
        var slot: [UInt8] = [9, 8, 7, 6, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        let early = unsafe slot.withUnsafeMutableBytes {
            unsafe bench.client.wrap($0, count: 5, to: TURNDesk.peer, now: bench.now)
        }
        #expect(early == nil, "there is no channel yet")
        bench.client.send([1], to: TURNDesk.peer, now: bench.now)
        bench.drain()
        bench.answer([], class: .success)
        let size = unsafe slot.withUnsafeMutableBytes {
            unsafe bench.client.wrap($0, count: 5, to: TURNDesk.peer, now: bench.now)
        }
        #expect(size == (transport.isStream ? 12 : 9))
        let bytes = Array(slot.prefix(size ?? 0))
        #expect(bytes == ChannelData(number: 0x4000, payload: [9, 8, 7, 6, 5]).encoded(isPadded: transport.isStream))
        var message = bytes
        let found = unsafe message.withUnsafeMutableBytes { buffer in
            unsafe bench.client.unwrap(buffer, now: bench.now).map { unsafe ($0.peer, [UInt8]($0.payload)) }
        }
        #expect(found?.0 == TURNDesk.peer && found?.1 == [9, 8, 7, 6, 5])
        for cut in 0..<8 {
            var short = Array(bytes.prefix(cut))
            let isFound = unsafe short.withUnsafeMutableBytes { unsafe bench.client.unwrap($0, now: bench.now) != nil }
            #expect(!isFound)
        }
    }
}
