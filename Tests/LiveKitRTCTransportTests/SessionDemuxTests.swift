import LiveKitCore
import Testing

@testable import LiveKitRTCTransport

@Suite("Which session a datagram belongs to")
struct SessionDemuxTests {
    private let alice = TransportAddress(ipv4: 0x0A00_0001, port: 1)
    private let bob = TransportAddress(ipv4: 0x0A00_0002, port: 2)

    private func session(_ demux: SessionDemux, _ bytes: [UInt8], from address: TransportAddress) -> Int? {
        var bytes = bytes
        return unsafe bytes.withUnsafeMutableBytes { unsafe demux.session(for: $0, from: address) }
    }

    @Test func mediaFollowsTheAddressOnceLearned() {
        var demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        #expect(session(demux, [0x80, 96], from: alice) == nil)
        demux.learn(alice, session: 1)
        #expect(session(demux, [0x80, 96], from: alice) == 1)
        #expect(session(demux, [0x80, 96], from: bob) == nil)
    }

    @Test func aProbedAddressDoesNotTakeOverAProvenOne() {
        var demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        demux.add(2, ufrag: "bbbb")
        demux.learn(alice, session: 1)
        demux.expect(alice, session: 2)
        #expect(session(demux, [0x80], from: alice) == 1)
        demux.expect(bob, session: 2)
        #expect(session(demux, [1, 1], from: bob) == 2)
    }

    @Test func forgetsARemovedSession() {
        var demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        demux.learn(alice, session: 1)
        demux.remove(1)
        #expect(session(demux, [0x80], from: alice) == nil)
    }

    @Test func remembersABoundedNumberOfAddresses() {
        var demux = SessionDemux()
        demux.add(1, ufrag: "aaaa")
        for port in 0..<1000 { demux.learn(TransportAddress(ipv4: 1, port: UInt16(port)), session: 1) }
        let known = (0..<1000).filter { session(demux, [0x80], from: TransportAddress(ipv4: 1, port: UInt16($0))) == 1 }
        #expect(known.count == 128)
    }
}
