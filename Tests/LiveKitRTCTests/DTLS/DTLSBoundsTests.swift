import COpenSSL
import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("What a DTLS handshake may cost, RFC 6347 §4.2.2")
struct DTLSBoundsTests {
    /// A fragment of one byte of a message in clear.
    private func fragment(
        _ number: UInt16, length: Int, offset: Int = 0, size: Int = 1, type: UInt8 = 11, record: UInt8 = 0
    ) -> [UInt8] {
        func three(_ value: Int) -> [UInt8] {
            [UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
        }
        let message =
            [type] + three(length) + [UInt8(number >> 8), UInt8(number & 0xFF)] + three(offset) + three(size)
            + [UInt8](repeating: 0, count: size)
        return [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 1, record, UInt8(message.count >> 8), UInt8(message.count & 0xFF)]
            + message
    }

    private func server() throws -> DTLSTransport {
        let transport = try DTLSTransport(role: .server, certificate: DTLSCertificate())
        transport.start(now: .start)
        return transport
    }

    @Test("Of messages that claim to be large one is believed, and none beyond the eighth")
    func claims() throws {
        let transport = try server()
        // One large message, and no other.
        transport.receive(fragment(2, length: 16_000), now: .start)
        transport.receive(fragment(2, length: 16_000, offset: 9000, record: 1), now: .start)
        #expect(transport.refusedRecords == 0)
        for number in 3..<8 as Range<UInt16> {
            transport.receive(fragment(number, length: 16_000, record: 2), now: .start)
        }
        #expect(transport.refusedRecords == 5)
        for number in 3..<8 as Range<UInt16> {
            transport.receive(fragment(number, length: 6000, record: 3), now: .start)
        }
        #expect(transport.refusedRecords == 5)
        for number in [8, 9, 100, .max] as [UInt16] {
            transport.receive(fragment(number, length: 10, record: 4), now: .start)
        }
        #expect(transport.refusedRecords == 9)
        transport.receive(fragment(2, length: 0xFF_FFFF, record: 5), now: .start)
        #expect(transport.refusedRecords == 10)
        #expect(transport.pollEvent() == nil)
    }

    @Test("Fragments that are empty, cut or longer than their record end nothing and are soon done with")
    func degenerateFragments() throws {
        let transport = try server()
        for round in 0..<200 as Range<UInt8> {
            transport.receive(fragment(0, length: 100, size: 0, type: 1, record: round), now: .start)
            transport.receive(fragment(0, length: 100, offset: 90, size: 20, type: 1, record: round), now: .start)
            transport.receive(fragment(1, length: 0, size: 0, record: round), now: .start)
            var cut = fragment(1, length: 50, size: 20, record: round)
            cut.removeLast(10)
            cut[12] -= 10
            transport.receive(cut, now: .start)
        }
        #expect(transport.refusedRecords == 600)
        #expect(transport.pollEvent() == nil)
        #expect(transport.deadline != nil)
    }

    @Test("A handshake goes on under a hail of forged fragments", arguments: 1...10)
    func forgedFragments(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let pair = try DTLSPair()
        pair.tamper = { datagram in
            // Those of messages to come: a forged fragment of the message that is waited for spoils it.
            let forged = (0..<20).map { index in
                fragment(
                    .random(in: 8...20, using: &random), length: .random(in: 0...70_000, using: &random),
                    type: .random(in: 0...20, using: &random), record: 200 + UInt8(index))
            }
            return forged + [datagram] + forged
        }
        pair.run()
        #expect(pair.client.connectedMaterial != nil)
        #expect(pair.server.connectedMaterial != nil)
    }

    @Test("OpenSSL is one that comes to an end on curves that are none, CVE-2022-0778: 3.0.2 at least")
    func patchedLibrary() {
        #expect(OpenSSL_version_num() >= 0x3000_0020)
    }
}
