import LiveKitCore
import LiveKitRTC
import Testing

@Suite("TURNServer, RFC 8656")
struct TURNServerTests {
    private let client = TURNDesk.client()

    // MARK: Before anybody has proven anything

    @Test("A bare Allocate is challenged, at most one and a half times its size on the wire, and leaves nothing behind")
    func challenges() throws {
        let desk = TURNDesk()
        let request = desk.message(.allocate, [.requestedTransport(17)]).encoded(fingerprint: false)
        let answer = try #require(desk.deliver(request, from: client).first)
        let message = try STUNMessage(parsing: answer)
        #expect(message.errorCode?.code == 401)
        #expect(message.realm == "livekit")
        #expect(message.nonce?.utf8.count == TURNNonce.length)
        #expect((answer.count + 28) * 2 <= (request.count + 28) * 3, "\(answer.count) for \(request.count)")
        #expect(desk.server.allocationCount == 0)
        #expect(desk.server.deadline == nil)
    }

    @Test("Whatever strangers send, the answers are at most one and a half times as long")
    func neverAmplifies() {
        let desk = TURNDesk()
        let methods: [STUNMessage.Method] = [
            .binding, .allocate, .refresh, .createPermission, .channelBind, .connect, .connectionBind, .send,
            .init(rawValue: 0x0FF),
        ]
        let shapes: [[STUNAttribute]] = [
            [], [.requestedTransport(17)], [.lifetime(0)], [.username("alice")], [.other(type: 0x7777, value: [])],
            [.username("a"), .realm("livekit"), .nonce("x")], [.dontFragment],
            [.other(type: 0x7777, value: [1, 2, 3])],
        ]
        for transport in [TransportAddress(ipv4: 0x0909_0909, port: 1), TURNDesk.address("2a00:1::1", 1)] {
            let client = TURNFiveTuple(transport: .udp, client: transport, server: TURNDesk.serverAddress)
            let headers = transport.family == .ipv4 ? 28 : 48
            for method in methods {
                for attributes in shapes {
                    for key in [nil, TURNDesk.key("stranger")] {
                        desk.advance(.seconds(1))
                        let request = desk.message(method, attributes).encoded(key: key, fingerprint: false)
                        let answers = desk.deliver(request, from: client)
                        let size = answers.reduce(0) { $0 + $1.count + headers }
                        #expect(size * 2 <= (request.count + headers) * 3, "\(method.rawValue) \(attributes)")
                    }
                }
            }
        }
        #expect(desk.server.allocationCount == 0)
    }

    @Test("An address gets ten refusals a second, another one its own")
    func limitsRefusals() {
        let desk = TURNDesk()
        let request = desk.message(.allocate, [.requestedTransport(17)]).encoded()
        let answers = (0..<100).map { _ in desk.deliver(request, from: client).count }.reduce(0, +)
        #expect(answers == 10)
        #expect(desk.deliver(request, from: TURNDesk.client(2)).count == 1)
        desk.advance(.seconds(1))
        let later = (0..<100).map { _ in desk.deliver(request, from: client).count }.reduce(0, +)
        #expect(later == 10)
        #expect(desk.server.statistics.suppressedAnswers == 180)
    }

    @Test("A flood from ten thousand forged addresses leaves no state")
    func remembersNoStranger() {
        let desk = TURNDesk()
        let request = desk.message(.allocate, [.requestedTransport(17)]).encoded()
        for number in 0..<10_000 {
            desk.server.receive(request, from: TURNDesk.client(number), now: desk.now)
            while desk.server.pollAction() != nil {}
        }
        #expect(desk.server.allocationCount == 0 && desk.server.reservedPorts == 0 && desk.server.deadline == nil)
        // Nobody else's share is eaten up by it for long.
        desk.advance(.seconds(1))
        #expect(desk.deliver(request, from: TURNDesk.client(77_777)).count == 1)
    }

    @Test("A stream's client is always challenged, since it would wait in vain")
    func challengesStreams() {
        let desk = TURNDesk()
        let request = desk.message(.allocate, []).encoded(fingerprint: false)
        let answers = (0..<50).map { _ in desk.deliver(request, from: TURNDesk.client(1, .tls)).count }.reduce(0, +)
        #expect(answers == 50)
    }

    @Test("A nonce serves its client, for its time, and no forgery does")
    func checksNonces() throws {
        let desk = TURNDesk()
        let nonce = desk.nonce(for: client)
        let other = TURNDesk.client(2)
        let foreign = desk.allocate(from: other, nonce: nonce)
        #expect(foreign?.errorCode?.code == 438)
        #expect(foreign?.nonce?.isEmpty == false)
        for index in nonce.indices {
            var forged = nonce
            forged.replaceSubrange(index...index, with: forged[index] == "A" ? "B" : "A")
            desk.advance(.milliseconds(200))
            #expect(desk.allocate(from: client, nonce: forged)?.errorCode?.code == 438, "\(forged)")
        }
        #expect(desk.allocate(from: client, nonce: nonce)?.messageClass == .success)
        desk.advance(.seconds(590))
        #expect(desk.ask(.refresh, [], from: client, nonce: nonce)?.messageClass == .success)
        desk.advance(.seconds(20))
        #expect(desk.ask(.refresh, [], from: client, nonce: nonce)?.errorCode?.code == 438)
    }

    @Test("Wrong credentials get 400, whoever is unknown or whatever is wrong")
    func refusesWrongCredentials() {
        let desk = TURNDesk()
        let wrong = TURNDesk.key("alice", password: "guessed")
        #expect(desk.ask(.allocate, [.requestedTransport(17)], from: client, key: wrong)?.errorCode?.code == 400)
        #expect(desk.allocate(as: "stranger", from: client)?.errorCode?.code == 400)
        for name in ["%s%n%x", "a\r\nb", "a\0b", "{}", "'; --"] {
            #expect(
                desk.ask(.allocate, [.requestedTransport(17)], as: name, from: client, key: wrong)?.errorCode?.code
                    == 400)
        }
        #expect(desk.server.allocationCount == 0)
    }

    @Test("What is appended after the integrity counts for nothing")
    func ignoresAppendedAttributes() throws {
        let desk = TURNDesk()
        let nonce = desk.nonce(for: client)
        desk.allocate(from: client, nonce: nonce)
        let request = desk.message(
            .createPermission,
            [.xorPeerAddress(TURNDesk.peer), .username("alice"), .realm("livekit"), .nonce(nonce)])
        var bytes = request.encoded(key: TURNDesk.key("alice"), fingerprint: false)
        let evil = TURNDesk.address("1.2.3.4", 5)
        let appended = STUNMessage(
            class: .request, method: .createPermission, transactionID: request.transactionID,
            attributes: [.xorPeerAddress(evil), .lifetime(0)]
        ).encoded(fingerprint: false).dropFirst(20)
        bytes += appended
        bytes[3] += UInt8(appended.count)
        let answer = try STUNMessage(parsing: try #require(desk.deliver(bytes, from: client).first))
        #expect(answer.messageClass == .success)
        desk.send([1], to: evil, from: client)
        #expect(desk.relayed.isEmpty)
        desk.send([1], to: TURNDesk.peer, from: client)
        #expect(desk.relayed.count == 1)
    }

    @Test("Binding tells anybody his address")
    func answersBinding() throws {
        let desk = TURNDesk()
        let answers = desk.deliver(desk.message(.binding, []).encoded(fingerprint: false), from: client)
        #expect(try STUNMessage(parsing: try #require(answers.first)).mappedAddress == client.client)
    }

    @Test("Padding is zero in every answer")
    func padsWithZeros() throws {
        let desk = TURNDesk()
        desk.nonce(for: client)
        for (bytes, _) in desk.sent {
            let message = try STUNMessage(parsing: bytes)
            #expect(message.encoded(fingerprint: message.hasFingerprint) == bytes)
        }
    }

    @Test("Padding is zero in thousands of answers to whatever is asked")
    func padsEveryAnswerWithZeros() {
        let desk = TURNDesk { $0.allocationsPerUser = 0 }
        var random = DeterministicRandom(seed: 8)
        let methods: [STUNMessage.Method] = [.binding, .allocate, .refresh, .createPermission, .channelBind, .connect]
        for number in 0..<(_isDebugAssertConfiguration() ? 2500 : 10_000) {
            let unknown = (0..<Int.random(in: 0...3, using: &random)).map { index in
                STUNAttribute.other(type: 0x7000 + UInt16(index), value: Array(repeating: 0xFF, count: index))
            }
            let name = String(repeating: "x", count: Int.random(in: 0...9, using: &random))
            let request = desk.message(
                methods[Int.random(in: methods.indices, using: &random)], unknown + [.username(name)])
            desk.deliver(
                request.encoded(key: number % 3 == 0 ? TURNDesk.key(name) : nil, fingerprint: number % 2 == 0),
                from: TURNDesk.client(number, number % 2 == 0 ? .udp : .tcp))
        }
        #expect(desk.sent.count >= 1000)
        for (bytes, client) in desk.sent {
            let message = try? STUNMessage(parsing: bytes)
            guard message?.encoded(fingerprint: message?.hasFingerprint ?? false) == bytes else {
                Issue.record("an answer to \(client) is not what it should be: \(bytes)")
                return
            }
        }
    }

    // MARK: Allocations

    @Test("An allocation is told its addresses and its lifetime, and the answer is signed")
    func allocates() throws {
        let desk = TURNDesk()
        let response = try #require(desk.allocate(from: client))
        let port = try #require(response.relayedAddress?.port)
        #expect(response.relayedAddress == TURNDesk.relayHost.with(port: port))
        #expect((30_000...30_099).contains(port))
        #expect(response.mappedAddress == client.client)
        #expect(response.lifetime == 600)
        #expect(response.isAuthentic(key: TURNDesk.key("alice")))
        #expect(desk.server.freePorts == 99)
        #expect(desk.server.relayedAddress(of: client)?.port == port)
    }

    @Test("The same Allocate again gets the same answer, another one 437")
    func repeatsAnswers() throws {
        let desk = TURNDesk()
        let nonce = desk.nonce(for: client)
        let request = desk.message(
            .allocate, [.requestedTransport(17), .username("alice"), .realm("livekit"), .nonce(nonce)]
        ).encoded(key: TURNDesk.key("alice"))
        let first = try STUNMessage(parsing: try #require(desk.deliver(request, from: client).first))
        let second = try STUNMessage(parsing: try #require(desk.deliver(request, from: client).first))
        #expect(first.relayedAddress == second.relayedAddress && first.relayedAddress != nil)
        #expect(desk.server.allocationCount == 1)
        #expect(desk.allocate(from: client)?.errorCode?.code == 437)
    }

    @Test("Lifetimes are kept between the default and the maximum, and zero ends it")
    func boundsLifetimes() {
        let desk = TURNDesk()
        #expect(desk.allocate(from: client, [.lifetime(1)])?.lifetime == 600)
        #expect(desk.ask(.refresh, [.lifetime(1200)], from: client)?.lifetime == 1200)
        #expect(desk.ask(.refresh, [.lifetime(.max)], from: client)?.lifetime == 3600)
        desk.advance(.seconds(3599))
        #expect(desk.server.allocationCount == 1)
        desk.advance(.seconds(2))
        #expect(desk.server.allocationCount == 0 && desk.openRelays.isEmpty && desk.server.freePorts == 100)
        #expect(desk.ask(.refresh, [], from: client)?.errorCode?.code == 437)
        desk.allocate(from: client)
        #expect(desk.ask(.refresh, [.lifetime(0)], from: client)?.lifetime == 0)
        #expect(desk.server.allocationCount == 0 && desk.openRelays.isEmpty)
    }

    @Test("An allocation is one user's: others are told so")
    func keepsUsersApart() {
        let desk = TURNDesk()
        desk.allocate(as: "alice", from: client)
        #expect(desk.ask(.refresh, [.lifetime(0)], as: "bob", from: client)?.errorCode?.code == 441)
        #expect(
            desk.ask(.createPermission, [.xorPeerAddress(TURNDesk.peer)], as: "bob", from: client)?.errorCode?.code
                == 441)
        #expect(desk.server.allocationCount == 1)
        // From another address there is no allocation at all.
        #expect(desk.ask(.refresh, [.lifetime(0)], as: "alice", from: TURNDesk.client(2))?.errorCode?.code == 437)
        desk.send([1], to: TURNDesk.peer, from: TURNDesk.client(2))
        #expect(desk.relayed.isEmpty)
    }

    @Test("The same addresses over another transport are another client")
    func keepsTransportsApart() {
        let desk = TURNDesk()
        for transport in TURNTransport.allCases {
            #expect(desk.allocate(from: TURNDesk.client(1, transport))?.messageClass == .success)
        }
        #expect(desk.server.allocationCount == 3)
        desk.server.streamClosed(TURNDesk.client(1, .tcp))
        desk.work()
        #expect(desk.server.allocationCount == 2 && desk.openRelays.count == 2)
    }

    @Test("Twelve allocations for a participant, then 486 until one ends")
    func keepsQuotas() {
        let desk = TURNDesk()
        for number in 1...12 { #expect(desk.allocate(from: TURNDesk.client(number))?.messageClass == .success) }
        #expect(desk.allocate(from: TURNDesk.client(13))?.errorCode?.code == 486)
        #expect(desk.allocate(as: "bob", from: TURNDesk.client(14))?.messageClass == .success)
        _ = desk.ask(.refresh, [.lifetime(0)], from: TURNDesk.client(3))
        #expect(desk.allocate(from: TURNDesk.client(13))?.messageClass == .success)
        #expect(desk.server.allocationCount(of: "alice") == 12)
    }

    @Test("Without a free port the answer is 508, and another port is tried when one is taken")
    func tellsWantOfPorts() {
        let desk = TURNDesk(ports: 30_000...30_002) { $0.allocationsPerUser = 0 }
        desk.takenPorts = [30_000, 30_002]
        #expect(desk.allocate(from: TURNDesk.client(1))?.relayedAddress?.port == 30_001)
        #expect(desk.allocate(from: TURNDesk.client(2))?.errorCode?.code == 508)
        #expect(desk.server.freePorts == 2 && desk.server.allocationCount == 1)
        desk.takenPorts = []
        #expect(desk.allocate(from: TURNDesk.client(2))?.messageClass == .success)
        #expect(desk.allocate(from: TURNDesk.client(3))?.messageClass == .success)
        #expect(desk.allocate(from: TURNDesk.client(4))?.errorCode?.code == 508)
    }

    @Test("What cannot be had is refused by its own code")
    func refusesWishes() {
        let desk = TURNDesk()
        let rows: [([STUNAttribute], UInt16)] = [
            ([], 400), ([.requestedTransport(6)], 442), ([.requestedTransport(132)], 442),
            ([.requestedTransport(17), .requestedAddressFamily(.ipv6)], 440),
            ([.requestedTransport(17), .dontFragment], 420),
            ([.requestedTransport(17), .other(type: 0x7F00, value: [])], 420),
            ([.requestedTransport(17), .reservationToken(5)], 508),
            ([.requestedTransport(17), .reservationToken(5), .evenPort(reservesNext: false)], 400),
            ([.requestedTransport(17), .additionalAddressFamily(.ipv4)], 400),
            ([.requestedTransport(17), .additionalAddressFamily(.ipv6), .requestedAddressFamily(.ipv4)], 400),
        ]
        for (attributes, code) in rows {
            let response = desk.ask(.allocate, attributes, from: client)
            #expect(response?.errorCode?.code == code, "\(attributes)")
        }
        #expect(desk.server.freePorts == 100)
        let additional = desk.allocate(from: client, [.additionalAddressFamily(.ipv6)])
        #expect(additional?.attributes.contains(.addressErrorCode(.ipv6, .addressFamilyNotSupported)) == true)
    }

    @Test("Pairs of ports are reserved for their user, and given back")
    func reservesPorts() throws {
        let desk = TURNDesk()
        let response = try #require(desk.allocate(from: client, [.evenPort(reservesNext: true)]))
        let port = try #require(response.relayedAddress?.port)
        #expect(port % 2 == 0 && desk.server.freePorts == 98)
        let token = try #require(
            response.attributes.compactMap { if case .reservationToken(let token) = $0 { token } else { nil } }.first)
        #expect(desk.allocate(as: "bob", from: TURNDesk.client(2), [.reservationToken(token)])?.errorCode?.code == 508)
        #expect(desk.allocate(from: TURNDesk.client(3), [.reservationToken(token)])?.relayedAddress?.port == port + 1)
        #expect(desk.server.reservedPorts == 0)
        desk.allocate(as: "carol", from: TURNDesk.client(4), [.evenPort(reservesNext: true)])
        #expect(desk.server.freePorts == 96 && desk.server.reservedPorts == 1)
        desk.advance(.seconds(31))
        #expect(desk.server.freePorts == 97 && desk.server.reservedPorts == 0)
        // Without the flag nothing is kept.
        desk.allocate(as: "carol", from: TURNDesk.client(5), [.evenPort(reservesNext: false)])
        #expect(desk.server.freePorts == 96)
    }

    // MARK: Permissions and channels

    @Test("Without a permission nothing goes out or comes in; after five minutes it is gone")
    func permissionsExpire() throws {
        let desk = TURNDesk()
        desk.allocate(from: client)
        let relay = try #require(desk.openRelays.keys.first)
        desk.send([1], to: TURNDesk.peer, from: client)
        desk.server.receive([2], onRelay: relay, from: TURNDesk.peer, now: desk.now)
        #expect(desk.relayed.isEmpty && desk.server.pollAction() == nil)
        _ = desk.ask(.createPermission, [.xorPeerAddress(TURNDesk.peer.with(port: 1))], from: client)
        desk.advance(.seconds(299))
        // Permissions are for the host, whatever the port.
        desk.send([1], to: TURNDesk.peer, from: client)
        #expect(desk.relayed.count == 1)
        desk.server.receive([2], onRelay: relay, from: TURNDesk.peer.with(port: 77), now: desk.now)
        desk.work()
        let data = try STUNMessage(parsing: try #require(desk.sent.last?.bytes))
        #expect(data.method == .data && data.messageClass == .indication && data.data == [2])
        #expect(data.peerAddress == TURNDesk.peer.with(port: 77))
        // A datagram is refused in the very moment, not with the next sweep.
        desk.now = desk.now + .seconds(1)
        desk.send([1], to: TURNDesk.peer, from: client)
        #expect(desk.relayed.count == 1)
    }

    @Test("A channel carries data both ways, outlives its permission, and needs it")
    func channelsCarry() throws {
        let desk = TURNDesk()
        desk.allocate(from: client)
        let relay = try #require(desk.openRelays.keys.first)
        let bind: [STUNAttribute] = [.channelNumber(0x4000), .xorPeerAddress(TURNDesk.peer)]
        #expect(desk.ask(.channelBind, bind, from: client)?.messageClass == .success)
        let message = ChannelData(number: 0x4000, payload: [9, 8, 7]).encoded()
        desk.deliver(message, from: client)
        #expect(desk.relayed.last?.bytes == [9, 8, 7])
        desk.server.receive([5, 5], onRelay: relay, from: TURNDesk.peer, now: desk.now)
        desk.work()
        #expect(desk.sent.last?.bytes == ChannelData(number: 0x4000, payload: [5, 5]).encoded())
        desk.advance(.seconds(301))
        desk.deliver(message, from: client)
        #expect(desk.relayed.count == 1)
        #expect(desk.ask(.channelBind, bind, from: client)?.messageClass == .success)
        desk.deliver(message, from: client)
        #expect(desk.relayed.count == 2)
    }

    @Test("A channel and a peer have one another alone")
    func channelsAreUnique() {
        let desk = TURNDesk { $0.channelNumbers = ChannelData.numbers }
        desk.allocate(from: client)
        let other = TURNDesk.peer.with(port: 1)
        let rows: [(UInt16, TransportAddress, UInt16?)] = [
            (0x3FFF, TURNDesk.peer, 400), (0x5000, TURNDesk.peer, 400), (0x7FFF, TURNDesk.peer, 400),
            (0x4000, TURNDesk.peer, nil), (0x4000, TURNDesk.peer, nil), (0x4000, other, 400),
            (0x4001, TURNDesk.peer, 400), (0x4FFF, other, nil), (0x4002, TURNDesk.address("2606:4700::1", 1), 443),
        ]
        for (number, peer, code) in rows {
            let response = desk.ask(.channelBind, [.channelNumber(number), .xorPeerAddress(peer)], from: client)
            #expect(response?.errorCode?.code == code, "\(number) \(peer)")
        }
        #expect(desk.ask(.channelBind, [.channelNumber(0x4003)], from: client)?.errorCode?.code == 400)
        #expect(desk.ask(.createPermission, [], from: client)?.errorCode?.code == 400)
        // After its end a number may go to another peer.
        desk.advance(.seconds(599))
        desk.advance(.seconds(2))
        desk.allocate(from: client)
        #expect(
            desk.ask(.channelBind, [.channelNumber(0x4000), .xorPeerAddress(other)], from: client)?.messageClass
                == .success)
    }

    @Test("Numbers of RFC 5766 are taken too, unless the server is told otherwise")
    func takesFormerNumbers() {
        let desk = TURNDesk()
        desk.allocate(from: client)
        for (number, code) in [(0x3FFF, 400), (0x5000, nil), (0x7FFF, nil), (0x8000, 400)] as [(UInt16, UInt16?)] {
            let peer = TURNDesk.peer.with(port: number)
            let response = desk.ask(.channelBind, [.channelNumber(number), .xorPeerAddress(peer)], from: client)
            #expect(response?.errorCode?.code == code, "\(number)")
        }
        desk.deliver(ChannelData(number: 0x7FFF, payload: [1, 2]).encoded(), from: client)
        #expect(desk.relayed.map(\.bytes) == [[1, 2]])
    }

    @Test("Permissions and channels of one allocation are bounded")
    func boundsPeers() {
        let desk = TURNDesk()
        let nonce = desk.nonce(for: client)
        desk.allocate(from: client, nonce: nonce)
        let codes = (0..<140).map { number -> UInt16? in
            let peer = TransportAddress(ipv4: 0x0808_0000 + UInt32(number), port: 5)
            let bind: [STUNAttribute] = [.channelNumber(0x4000 + UInt16(number)), .xorPeerAddress(peer)]
            return desk.ask(.channelBind, bind, from: client, nonce: nonce)?.errorCode?.code
        }
        #expect(codes == Array(repeating: nil, count: 128) + Array(repeating: 508, count: 12))
    }

    @Test("Data beyond what the driver takes is dropped and counted")
    func boundsOutputs() {
        let desk = TURNDesk()
        desk.allocate(from: client)
        _ = desk.ask(.createPermission, [.xorPeerAddress(TURNDesk.peer)], from: client)
        let indication = desk.message(.send, [.xorPeerAddress(TURNDesk.peer), .data([1])], class: .indication).encoded()
        for _ in 0..<5000 { desk.server.receive(indication, from: client, now: desk.now) }
        desk.work()
        #expect(desk.relayed.count == 4096)
        #expect(desk.server.statistics.overflows == 904)
    }

    @Test("Closing gives everything back")
    func closes() {
        let desk = TURNDesk()
        for number in 1...5 { desk.allocate(from: TURNDesk.client(number), [.evenPort(reservesNext: true)]) }
        desk.server.close()
        desk.work()
        #expect(desk.server.freePorts == 100 && desk.openRelays.isEmpty && desk.server.deadline == nil)
    }
}
