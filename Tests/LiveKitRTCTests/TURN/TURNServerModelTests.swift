import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("TURNServer under anything")
struct TURNServerModelTests {
    @Test("Ports are free, reserved or allocated after each of a hundred thousand operations, and quotas hold")
    func keepsTheLedger() {
        // Debug builds take a tenth of it, to be done in a second or two.
        let operations = _isDebugAssertConfiguration() ? 2500 : 25_000
        for seed in 1...4 as ClosedRange<UInt64> { run(seed: seed, operations: operations) }
    }

    @Test("The pool of ports against a set: a hundred thousand operations, and nothing is lost or doubled")
    func poolMatchesItsModel() {
        let all: ClosedRange<UInt16> = 65_500...65_535
        var pool = TURNPortPool(all)
        var model = Set(all)
        var random = DeterministicRandom(seed: 17)
        for step in 0..<100_000 {
            let reservesNext = Bool.random(using: &random)
            var taken: [UInt16] = []
            switch Int.random(in: 0..<5, using: &random) {
            case 0: taken = pool.takeAny(using: &random).map { [$0] } ?? []
            case 1:
                let port = pool.takeEven(andNext: reservesNext, using: &random)
                taken = port.map { reservesNext ? [$0, $0 + 1] : [$0] } ?? []
                if let port, port % 2 != 0 { Issue.record("step \(step): \(port) is odd") }
            default:
                // Also ports that are free, and that are none of the pool's.
                let port = UInt16.random(in: 65_490...65_535, using: &random)
                pool.release(port)
                if all.contains(port) { model.insert(port) }
            }
            for port in taken where model.remove(port) == nil { Issue.record("step \(step): \(port) was not free") }
            guard pool.freeCount == model.count, pool.totalCount == all.count,
                all.allSatisfy({ pool.isFree($0) == model.contains($0) })
            else {
                Issue.record("step \(step): \(pool.freeCount) ports are free, not \(model.count)")
                return
            }
        }
    }

    private func run(seed: UInt64, operations: Int) {
        var random = DeterministicRandom(seed: seed)
        let desk = TURNDesk(ports: 30_000...30_049)
        desk.takenPorts = [30_004, 30_011, 30_012]
        var nonces: [TURNFiveTuple: String] = [:]
        for step in 0..<operations {
            let transport = TURNTransport.allCases[Int.random(in: 0..<3, using: &random)]
            let client = TURNDesk.client(Int.random(in: 1...20, using: &random), transport)
            let user = "user\(Int.random(in: 1...3, using: &random))"
            if step % 512 == 0 { nonces = [:] }
            let nonce = nonces[client] ?? desk.nonce(for: client)
            nonces[client] = nonce
            operate(desk, client, user, nonce, &random)
            let used = desk.server.freePorts + desk.server.reservedPorts + desk.server.allocationCount
            guard used == 50, desk.openRelays.count == desk.server.allocationCount,
                (1...3).allSatisfy({ desk.server.allocationCount(of: "user\($0)") <= 12 })
            else {
                Issue.record("seed \(seed), step \(step): \(used) ports, \(desk.openRelays.count) relays")
                return
            }
        }
        desk.advance(.seconds(4000))
        #expect(desk.server.freePorts == 50 && desk.server.allocationCount == 0, "seed \(seed)")
    }

    private func operate(
        _ desk: TURNDesk, _ client: TURNFiveTuple, _ user: String, _ nonce: String, _ random: inout DeterministicRandom
    ) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2: desk.allocate(as: user, from: client, nonce: nonce)
        case 3: desk.allocate(as: user, from: client, [.evenPort(reservesNext: true)], nonce: nonce)
        case 4: desk.allocate(as: user, from: client, [.evenPort(reservesNext: false)], nonce: nonce)
        case 5, 6: _ = desk.ask(.refresh, [.lifetime(0)], as: user, from: client, nonce: nonce)
        case 7: _ = desk.ask(.refresh, [.lifetime(5000)], as: user, from: client, nonce: nonce)
        case 8:
            desk.server.streamClosed(client)
            desk.work()
        case 9: desk.advance(.seconds(Int64.random(in: 0...40, using: &random)))
        case 10:
            desk.allocate(as: user, from: client, [.reservationToken(random.next())], nonce: nonce)
        default:
            _ = desk.ask(
                .channelBind, [.channelNumber(0x4000), .xorPeerAddress(TURNDesk.peer)], as: user, from: client,
                nonce: nonce)
        }
    }

    @Test("Random bytes and mutated requests neither trap nor grow anything")
    func survivesGarbage() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = DeterministicRandom(seed: seed)
            let desk = TURNDesk(ports: 30_000...30_009)
            let client = TURNDesk.client()
            let nonce = desk.nonce(for: client)
            desk.allocate(from: client, nonce: nonce)
            let templates = templates(desk, nonce)
            for _ in 0..<500 {
                var bytes = templates[Int.random(in: templates.indices, using: &random)]
                for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                }
                let from = TURNDesk.client(
                    Int.random(in: 1...3, using: &random), TURNTransport.allCases[Int.random(in: 0..<3, using: &random)]
                )
                desk.deliver(bytes, from: from)
                desk.server.receive(
                    bytes, onRelay: TURNRelayID(rawValue: Int.random(in: -1...3, using: &random)), from: TURNDesk.peer,
                    now: desk.now)
                desk.advance(.milliseconds(Int64.random(in: 0...500, using: &random)))
            }
            #expect(desk.server.allocationCount <= 9)
            #expect(desk.server.freePorts + desk.server.reservedPorts + desk.server.allocationCount == 10)
            #expect(desk.relayed.allSatisfy { $0.peer == TURNDesk.peer }, "seed \(seed)")
        }
    }

    private func templates(_ desk: TURNDesk, _ nonce: String) -> [[UInt8]] {
        let credentials: [STUNAttribute] = [.username("alice"), .realm("livekit"), .nonce(nonce)]
        let requests: [(STUNMessage.Method, [STUNAttribute])] = [
            (.allocate, [.requestedTransport(17)]), (.refresh, [.lifetime(600)]),
            (.createPermission, [.xorPeerAddress(TURNDesk.peer)]),
            (.channelBind, [.channelNumber(0x4000), .xorPeerAddress(TURNDesk.peer)]), (.binding, []),
            (.connect, [.xorPeerAddress(TURNDesk.peer)]),
        ]
        let indication = desk.message(.send, [.xorPeerAddress(TURNDesk.peer), .data([1, 2, 3])], class: .indication)
        return requests.map { desk.message($0.0, $0.1 + credentials).encoded(key: TURNDesk.key("alice")) }
            + [indication.encoded(), ChannelData(number: 0x4000, payload: [1, 2, 3]).encoded(), []]
    }
}
