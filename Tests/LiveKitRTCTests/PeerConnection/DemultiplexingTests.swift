import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("Datagrams by their first byte, RFC 7983 §7 and RFC 5761 §4")
struct DemultiplexingTests {
    private enum Taker: Hashable { case ice, dtls, rtp, rtcp, nobody }

    /// Counts what it is given, and opens none of it.
    private final class CountingOpener: PacketOpener {
        var rtp = 0
        var rtcp = 0

        func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
            rtp += 1
            throw .notAuthentic
        }

        func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
            rtcp += 1
            throw .notAuthentic
        }

        func allow(ssrc: SSRC) {}
        func remove(ssrc: SSRC) {}
    }

    private func connected() throws -> CallSimulation {
        let call = try CallSimulation(seed: 1)
        call.left.connection.openChannel(label: "_reliable", isOrdered: true, now: call.now)
        try call.negotiate()
        call.run(for: .seconds(5)) {
            call.left.connection.state == .connected && call.right.connection.state == .connected
        }
        #expect(call.right.connection.state == .connected)
        return call
    }

    /// Who took the datagram, told by what was counted.
    private func taker(of bytes: [UInt8], from source: TransportAddress, at call: CallSimulation) -> Taker {
        let connection = call.right.connection
        let opener = CountingOpener()
        connection.receiver = opener
        let strangers = connection.statistics.strangers
        let checks = connection.agent.statistics.malformed
        var datagram = bytes
        _ = unsafe datagram.withUnsafeMutableBytes {
            unsafe connection.receive($0, from: source, now: call.now)
        }
        if opener.rtp > 0 { return .rtp }
        if opener.rtcp > 0 { return .rtcp }
        if connection.agent.statistics.malformed > checks { return .ice }
        return connection.statistics.strangers > strangers ? .nobody : .dtls
    }

    @Test("Each of the 256 first bytes goes where the RFC sends it, and the reserved ones nowhere")
    func firstBytes() throws {
        let call = try connected()
        for first in UInt8.min ... .max {
            let expected: Taker =
                switch first {
                case 0...3: .ice
                case 20...63: .dtls
                case 128...191: .rtp
                default: .nobody
                }
            let datagram = [first, 96] + [UInt8](repeating: 0, count: 40)
            #expect(taker(of: datagram, from: call.left.address, at: call) == expected, "first byte \(first)")
        }
        #expect(call.right.connection.state == .connected)
    }

    @Test("Of SRTP, the second byte tells reports from media")
    func secondBytes() throws {
        let call = try connected()
        for second in UInt8.min ... .max {
            let expected: Taker = (192...223).contains(second) ? .rtcp : .rtp
            let datagram = [0x80, second] + [UInt8](repeating: 0, count: 40)
            #expect(taker(of: datagram, from: call.left.address, at: call) == expected, "second byte \(second)")
        }
    }

    @Test("From an address that ICE did not verify only checks are looked at")
    func strangers() throws {
        let call = try connected()
        let stranger = TransportAddress(ipv4: 0x0A00_0063, port: 9)
        for first in UInt8.min ... .max {
            let datagram = [first, 200] + [UInt8](repeating: 0, count: 40)
            let expected: Taker = first < 4 ? .ice : .nobody
            #expect(taker(of: datagram, from: stranger, at: call) == expected, "first byte \(first)")
        }
    }

    @Test("Datagrams too short to be anything reach nobody's parser", arguments: 0..<8)
    func short(size: Int) throws {
        let call = try connected()
        for first in [0x80, 0xBF] as [UInt8] {
            let datagram = [UInt8](repeating: first, count: size)
            #expect(taker(of: datagram, from: call.left.address, at: call) != .rtp)
            #expect(taker(of: datagram, from: call.left.address, at: call) != .rtcp)
        }
    }
}
