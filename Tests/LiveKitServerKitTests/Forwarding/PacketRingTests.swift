import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("A publisher's newest packets")
struct PacketRingTests {
    private func store(_ sequence: Int64, in ring: PacketRing, payload: UInt8 = 0, size: Int = 20) throws -> Bool {
        var bytes: [UInt8] =
            [0x80, 96, UInt8(truncatingIfNeeded: sequence >> 8), UInt8(truncatingIfNeeded: sequence)]
            + [0, 0, 0, 1, 0, 0, 0, 2] + [UInt8](repeating: payload, count: size)
        let info = try RTPPacketInfo(parsing: bytes.rawSpan)
        return unsafe bytes.withUnsafeMutableBytes { unsafe ring.store($0, info: info, sequence: sequence) }
    }

    @Test func givesBackWhatItHolds() throws {
        let ring = PacketRing(capacity: 8, slotSize: 100)
        #expect(try store(5, in: ring, payload: 7))
        let payload = ring.packet(5).map { unsafe Array($0.payload) }
        #expect(payload == [UInt8](repeating: 7, count: 20))
        #expect(ring.packet(6) == nil)
    }

    @Test("A packet that is there already, as a sender's probe repeats it, is not taken again")
    func refusesRepeats() throws {
        let ring = PacketRing(capacity: 8, slotSize: 100)
        #expect(try store(5, in: ring))
        #expect(try !store(5, in: ring))
    }

    @Test func forgetsTheOldest() throws {
        let ring = PacketRing(capacity: 8, slotSize: 100)
        for sequence in Int64(0)..<20 { #expect(try store(sequence, in: ring)) }
        #expect(ring.packet(11) == nil)
        #expect(ring.packet(12) != nil)
        #expect(try !store(3, in: ring))
    }

    @Test func refusesWhatIsTooLong() throws {
        let ring = PacketRing(capacity: 8, slotSize: 100)
        #expect(try !store(1, in: ring, size: 200))
    }
}
