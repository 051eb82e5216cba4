import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("SRTP sender against libsrtp: every length, every header, every wrap")
struct SRTPEqualityTests {
    @Test("Payloads of 0...1500 bytes come out as from libsrtp", arguments: SRTPProfile.allCases)
    func everyLength(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 0x5254_5001)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let sender = try SRTPSender(material)
        let receiver = try SRTPReceiver(material.mirrored)
        // Starts close to a wrap, so that the lengths go over one.
        var sequenceNumber: UInt16 = 65_000
        for size in 0...1500 {
            let shape = RTPShape(
                ssrc: 0x1234_5678, sequenceNumber: sequenceNumber, size: size, sources: size % 16,
                extensionWords: size % 5 == 0 ? nil : size % 9, using: &random)
            sequenceNumber &+= 1
            let protected = try sender.protected(shape.packet)
            let isEqual = try protected == reference.protect(shape.packet)
            let opens = try receiver.opened(protected) == shape.packet
            #expect(protected.count == shape.packet.count + profile.tagSize)
            #expect(isEqual && opens, "\(size) bytes")
        }
    }

    @Test("Every count of CSRCs with every size of extension", arguments: SRTPProfile.allCases)
    func everyHeader(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 0x5254_5002)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let inPlace = try SRTPSender(material)
        let outOfPlace = try SRTPSender(material)
        var sequenceNumber: UInt16 = 1
        for sources in 0...15 {
            for extensionWords in [nil, 0, 1, 2, 3, 7, 16, 64] as [Int?] {
                for size in [0, 1, 15, 16, 17, 31, 160] {
                    let shape = RTPShape(
                        ssrc: .random(in: 1...3, using: &random), sequenceNumber: sequenceNumber, size: size,
                        sources: sources, extensionWords: extensionWords, using: &random)
                    sequenceNumber &+= 1
                    let expected = try reference.protect(shape.packet)
                    let isEqual =
                        try inPlace.protected(shape.packet) == expected
                        && outOfPlace.protected(header: shape.header, payload: shape.payload) == expected
                    #expect(isEqual, "\(sources) sources, \(extensionWords ?? -1) words, \(size) bytes")
                }
            }
        }
    }

    /// Numbers of a stream over three wraps: 5 % lost, 10 % late by up to thirty places.
    private static func disturbed(seed: UInt64, count: Int) -> [Int] {
        var random = DeterministicRandom(seed: seed)
        let start = Int.random(in: 1...32_767, using: &random)
        var sent: [(place: Int, number: Int)] = []
        for number in start..<start + count where Double.random(in: 0..<1, using: &random) >= 0.05 {
            let isLate = Double.random(in: 0..<1, using: &random) < 0.1
            sent.append((number + (isLate ? Int.random(in: 1...30, using: &random) : 0), number))
        }
        return sent.sorted { ($0.place, $0.number) < ($1.place, $1.number) }.map(\.number)
    }

    @Test("Three wraps with 5 % loss and 10 % reordering: equal to libsrtp and opened", arguments: SRTPProfile.allCases)
    func threeWraps(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 0x5254_5003)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let sender = try SRTPSender(material)
        let receiver = try SRTPReceiver(material.mirrored)
        var unequal = 0
        var unopened = 0
        // Every 24th is sent, so that three wraps are crossed in reasonable time; gaps stay far below half a cycle.
        for number in Self.disturbed(seed: 3, count: 8300).map({ $0 * 24 }) {
            let shape = RTPShape(
                ssrc: 9, sequenceNumber: UInt16(truncatingIfNeeded: number), size: 20, using: &random)
            let protected = try sender.protected(shape.packet)
            if try protected != reference.protect(shape.packet) { unequal += 1 }
            if (try? receiver.opened(protected)) != shape.packet { unopened += 1 }
        }
        #expect(unequal == 0)
        #expect(unopened == 0)
    }

    @Test(
        "A gap that swallows the wrap does not cost the rollover counter", arguments: SRTPProfile.allCases,
        [(65_530, 30), (65_000, 20_000), (40_000, 58_000), (65_535, 32_000)])
    func lostWrap(profile: SRTPProfile, gap: (last: Int, next: Int)) throws {
        var random = DeterministicRandom(seed: UInt64(gap.last))
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let sender = try SRTPSender(material)
        let receiver = try SRTPReceiver(material.mirrored)
        // The sender numbers without gaps; the network loses all between the two.
        let end = gap.next > gap.last ? gap.next : gap.next + 65_536
        let swallowed = Array(stride(from: gap.last + 1, to: end, by: 251))
        for number in [gap.last - 1, gap.last] + swallowed + [end, end + 1] {
            let shape = RTPShape(
                ssrc: 1, sequenceNumber: UInt16(truncatingIfNeeded: number), size: 8, using: &random)
            let protected = try sender.protected(shape.packet)
            guard number <= gap.last || number >= end else { continue }
            #expect(try receiver.opened(protected) == shape.packet)
        }
    }

    @Test("Bad packets never end a session", arguments: SRTPProfile.allCases)
    func badPackets(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 0x5254_5004)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let sender = try SRTPSender(material)
        let receiver = try SRTPReceiver(material.mirrored)
        var earlier: [[UInt8]] = []
        for step in 0..<500 {
            let shape = RTPShape(
                ssrc: 5, sequenceNumber: UInt16(truncatingIfNeeded: 65_300 + step), size: 50, using: &random)
            let protected = try sender.protected(shape.packet)
            for _ in 0..<20 {
                var forged = protected
                forged[Int.random(in: 2..<forged.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
                #expect(throws: SRTPError.self) { try receiver.opened(forged) }
            }
            if let old = earlier.randomElement(using: &random) {
                #expect(throws: SRTPError.replayed) { try receiver.opened(old) }
            }
            #expect(try receiver.opened(protected) == shape.packet)
            earlier.append(protected)
        }
    }
}
