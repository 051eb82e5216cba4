import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("STUNDiscovery, RFC 8489 §6")
struct STUNDiscoveryTests {
    private static let servers = ["198.51.100.1", "198.51.100.2"].compactMap {
        TransportAddress(host: $0, port: 3478)
    }
    private static let mapped = TransportAddress(ipv4: 0xCB00_7105, port: 40_000)

    private func answer(
        _ request: [UInt8], _ attributes: [STUNAttribute], class messageClass: STUNMessage.Class = .success
    )
        throws -> [UInt8]
    {
        let id = try STUNMessage(parsing: request).transactionID
        return STUNMessage(class: messageClass, method: .binding, transactionID: id, attributes: attributes).encoded()
    }

    @Test("Unanswered requests go out after 0, 0.5, 1.5, 3.5 and 7.5 s and are given up 8 s later")
    func retransmits() throws {
        let discovery = DiscoveryBox([Self.servers[0]], seed: 1)
        discovery.start(now: .start)
        var times: [Int64] = []
        var now = MediaInstant.start
        var copies: Set<[UInt8]> = []
        var outcome: [STUNDiscovery.Event] = []
        while outcome.isEmpty {
            while let request = discovery.pollTransmit() {
                times.append((now - .start).milliseconds)
                copies.insert(request.bytes)
            }
            now = try #require(discovery.deadline)
            discovery.handleTimeout(now: now - .milliseconds(1))
            #expect(discovery.pollTransmit() == nil)
            discovery.handleTimeout(now: now)
            if let event = discovery.pollEvent() { outcome.append(event) }
        }
        #expect(times == [0, 500, 1500, 3500, 7500])
        #expect(copies.count == 1)
        #expect(now == .start + .milliseconds(15_500))
        #expect(outcome == [.unanswered(server: Self.servers[0])])
        #expect(discovery.isFinished && discovery.deadline == nil)
    }

    @Test("A server that is known later is asked then, and those that were asked already are not asked again")
    func asksLater() throws {
        let discovery = DiscoveryBox([Self.servers[0]], seed: 5)
        let first = try #require(discovery.pollTransmit())
        let bytes = try answer(first.bytes, [.xorMappedAddress(Self.mapped)])
        let isTaken = discovery.receive(bytes, from: first.server)
        #expect(isTaken && discovery.isFinished)
        discovery.add(Self.servers)
        #expect(!discovery.isFinished)
        discovery.start(now: .start + .seconds(3))
        let second = try #require(discovery.pollTransmit())
        #expect(second.server == Self.servers[1] && discovery.pollTransmit() == nil)
        let many = (0..<20).map { Self.servers[0].with(port: UInt16(1 + $0)) }
        discovery.add(many)
        discovery.start(now: .start + .seconds(3))
        var asked = 2
        while discovery.pollTransmit() != nil { asked += 1 }
        #expect(asked == STUNDiscoveryLimits.servers)
    }

    @Test("The first answer counts, wherever the others are")
    func learns() throws {
        let discovery = DiscoveryBox(Self.servers, seed: 2)
        let first = try #require(discovery.pollTransmit())
        let requests = [first, try #require(discovery.pollTransmit())]
        #expect(requests[0].bytes != requests[1].bytes)
        for request in requests {
            let bytes = try answer(request.bytes, [.xorMappedAddress(Self.mapped)])
            let isTaken = discovery.receive(bytes, from: request.server)
            let isTakenAgain = discovery.receive(bytes, from: request.server)
            #expect(isTaken && isTakenAgain)
            #expect(discovery.pollEvent() == .mapped(Self.mapped, server: request.server))
            #expect(discovery.pollEvent() == nil)
        }
        #expect(discovery.mappedAddress == Self.mapped)
        #expect(discovery.mapping == .endpointIndependent)
        #expect(discovery.isFinished)
    }

    @Test("Servers that see different ports tell of a symmetric NAT")
    func findsDependentMapping() throws {
        let discovery = DiscoveryBox(Self.servers, seed: 3)
        #expect(discovery.mapping == .unknown)
        for port in [40_000, 40_001] as [UInt16] {
            let request = try #require(discovery.pollTransmit())
            let bytes = try answer(request.bytes, [.xorMappedAddress(Self.mapped.with(port: port))])
            let isTaken = discovery.receive(bytes, from: request.server)
            #expect(isTaken)
        }
        #expect(discovery.mapping == .dependent)
    }

    @Test("Answers from elsewhere, to nothing, or that say nothing are not believed")
    func ignoresStrangers() throws {
        let discovery = DiscoveryBox([Self.servers[0]], seed: 4)
        let request = try #require(discovery.pollTransmit())
        let right = try answer(request.bytes, [.xorMappedAddress(Self.mapped)])
        let other = STUNMessage(
            class: .success, method: .binding, transactionID: STUNTransactionID(high: 1, low: 1),
            attributes: [.xorMappedAddress(Self.mapped)]
        ).encoded()
        var taken = discovery.receive(right, from: Self.servers[1])
        #expect(!taken)
        taken = discovery.receive(other, from: Self.servers[0])
        #expect(!taken)
        taken = discovery.receive(request.bytes, from: Self.servers[0])
        #expect(!taken)
        for length in 0..<right.count {
            let cut = Array(right.prefix(length))
            taken = discovery.receive(cut, from: Self.servers[0])
            #expect(!taken)
        }
        #expect(!discovery.isFinished)
        let empty = try answer(request.bytes, [])
        taken = discovery.receive(empty, from: Self.servers[0])
        #expect(taken)
        #expect(discovery.pollEvent() == .unanswered(server: Self.servers[0]))
        #expect(discovery.mappedAddress == nil)
    }

    @Test("A refusal ends the matter")
    func obeysRefusal() throws {
        let discovery = DiscoveryBox([Self.servers[0]], seed: 5)
        let request = try #require(discovery.pollTransmit())
        let bytes = try answer(request.bytes, [.errorCode(.serverError)], class: .error)
        let isTaken = discovery.receive(bytes, from: Self.servers[0])
        #expect(isTaken && discovery.isFinished)
        #expect(discovery.pollEvent() == .unanswered(server: Self.servers[0]))
    }

    @Test("Servers are asked once each, and a bounded number of them")
    func boundsServers() {
        let many = (0..<50).map { Self.servers[0].with(port: UInt16(3000 + $0 % 20)) }
        let discovery = DiscoveryBox(many, seed: 6)
        var count = 0
        while discovery.pollTransmit() != nil { count += 1 }
        #expect(count == 8)
    }
}
