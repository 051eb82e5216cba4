import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTCTransport

@Suite("Which session a datagram belongs to")
struct SessionDemuxTests {
    private let alice = TransportAddress(ipv4: 0x0A00_0001, port: 1)
    private let bob = TransportAddress(ipv4: 0x0A00_0002, port: 2)

    private func session(
        _ demux: SessionDemux, _ bytes: [UInt8], from address: TransportAddress
    ) -> SessionDemux.Match? {
        var bytes = bytes
        return unsafe bytes.withUnsafeMutableBytes { unsafe demux.session(for: $0, from: address) }
    }

    private func check(_ ufrag: String) -> [UInt8] {
        STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(high: 1, low: 1),
            attributes: [.username("\(ufrag):peer")]
        ).encoded()
    }

    @Test func mediaFollowsTheAddressOnceLearned() {
        let demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        #expect(session(demux, [0x80, 96], from: alice) == nil)
        #expect(session(demux, check("aaaa"), from: alice) == .named(1))
        #expect(session(demux, check("bbbb"), from: alice) == nil)
        demux.learn(alice, session: 1)
        #expect(session(demux, [0x80, 96], from: alice) == .known(1))
        #expect(session(demux, [0x80, 96], from: bob) == nil)
    }

    @Test func aProbedAddressDoesNotTakeOverAProvenOne() {
        let demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        demux.add(2, ufrag: "bbbb")
        demux.learn(alice, session: 1)
        demux.expect(alice, session: 2)
        #expect(session(demux, [0x80], from: alice) == .known(1))
        demux.expect(bob, session: 2)
        #expect(session(demux, [1, 1], from: bob) == .known(2))
        demux.learn(bob, session: 1)
        #expect(session(demux, [1, 1], from: bob) == .known(1))
    }

    @Test func forgetsARemovedSession() {
        let demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        demux.add(1, ufrag: "cccc")
        demux.learn(alice, session: 1)
        demux.learn(bob, session: 1)
        demux.remove(1)
        #expect(session(demux, [0x80], from: alice) == nil)
        #expect(session(demux, check("cccc"), from: alice) == nil)
        #expect(demux.counts == (0, 0))
    }

    @Test func forgetsTheFragmentOfAGenerationThatIsOver() {
        let demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        for generation in 0..<100 {
            demux.add(1, ufrag: "next\(generation)")
            if generation > 0 { demux.remove(ufrag: "next\(generation - 1)", session: 1) }
        }
        #expect(demux.counts.ufrags == 2)
        demux.remove(ufrag: "aaaa", session: 2)
        #expect(session(demux, check("aaaa"), from: alice) == .named(1))
    }

    @Test func remembersABoundedNumberOfAddressesAndTheNewestOfThem() {
        let demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        demux.learn(alice, session: 1)
        for port in 0..<1000 as Range<UInt16> {
            demux.learn(TransportAddress(ipv4: 1, port: port), session: 1)
            demux.learn(alice, session: 1)
        }
        #expect(demux.counts.addresses == 128)
        #expect(session(demux, [0x80], from: alice) == .known(1))
        #expect(session(demux, [0x80], from: TransportAddress(ipv4: 1, port: 999)) == .known(1))
        #expect(session(demux, [0x80], from: TransportAddress(ipv4: 1, port: 1)) == nil)
    }

    @Test func aSoleSessionHasTheWholeSocket() {
        let demux = SessionDemux()
        demux.add(3, ufrag: nil)
        #expect(session(demux, [0x80], from: alice) == .known(3))
        demux.learn(alice, session: 3)
        #expect(demux.counts.addresses == 0)
        demux.remove(3)
        #expect(session(demux, [0x80], from: alice) == nil)
    }
}

@Suite("AddressTable")
struct AddressTableTests {
    @Test(
        "It holds what a dictionary would, whatever is put in and taken out", arguments: 1...20 as ClosedRange<UInt64>)
    func equalsADictionary(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var table = AddressTable(seed: (random.next(), random.next()))
        var model: [TransportAddress: Int] = [:]
        // Few addresses, so that they meet again, and runs of them, so that they crowd.
        let addresses = (0..<300 as Range<UInt16>).map { number in
            number % 3 == 0
                ? TransportAddress(ipv6High: 0x2001_0DB8 << 32, low: UInt64(number), port: number)
                : TransportAddress(ipv4: 0x0A00_0000 + UInt32(number % 7), port: number)
        }
        for round in 0..<5000 {
            guard let address = addresses.randomElement(using: &random) else { return }
            if Bool.random(using: &random) {
                let session = Int.random(in: 0..<50, using: &random)
                table.set(address, session: session)
                model[address] = session
            } else {
                table.remove(address)
                model[address] = nil
            }
            if round % 500 == 0 { for address in addresses { #expect(table[address] == model[address]) } }
        }
        for address in addresses { #expect(table[address] == model[address]) }
        #expect(table.count == model.count)
    }
}
