import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("SRTP receiver, RFC 3711")
struct SRTPReceiverTests {
    private func pair(
        _ profile: SRTPProfile, using random: inout DeterministicRandom
    ) throws -> (SRTPSender, SRTPReceiver) {
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        return (try SRTPSender(material), try SRTPReceiver(material.mirrored))
    }

    @Test("What is protected opens again, RTP and RTCP, over a rollover", arguments: SRTPProfile.allCases)
    func roundTrip(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 5)
        let (sender, receiver) = try pair(profile, using: &random)
        for step in 0..<300 {
            let shape = RTPShape(
                ssrc: 77, sequenceNumber: UInt16(truncatingIfNeeded: 65_400 + step), size: step * 4, sources: step % 16,
                extensionWords: step % 3 == 0 ? step % 7 : nil, using: &random)
            #expect(try receiver.opened(sender.protected(shape.packet)) == shape.packet)
            let report: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 9]
            #expect(try receiver.openedRTCP(sender.protectedRTCP(report)) == report)
        }
    }

    @Test("A packet sent twice is reported as replayed", arguments: SRTPProfile.allCases)
    func replayThrows(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 6)
        let (sender, receiver) = try pair(profile, using: &random)
        let packet = try sender.protected(
            RTPShape(ssrc: 1, sequenceNumber: 5, size: 100, using: &random).packet)
        _ = try receiver.opened(packet)
        #expect(throws: SRTPError.replayed) { try receiver.opened(packet) }
        let report = try sender.protectedRTCP([0x80, 201, 0, 1, 0, 0, 0, 1])
        _ = try receiver.openedRTCP(report)
        #expect(throws: SRTPError.replayed) { try receiver.openedRTCP(report) }
    }

    @Test("A changed byte is not authentic, wherever it is", arguments: SRTPProfile.allCases)
    func tamperingThrows(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 8)
        let (sender, receiver) = try pair(profile, using: &random)
        let packet = try sender.protected(
            RTPShape(ssrc: 1, sequenceNumber: 5, size: 60, using: &random).packet)
        for place in 1..<packet.count {
            var changed = packet
            changed[place] ^= 0x01
            #expect(throws: SRTPError.notAuthentic) { try receiver.opened(changed) }
        }
        _ = try receiver.opened(packet)
    }

    @Test("Every truncation and random bytes throw, none traps", arguments: SRTPProfile.allCases)
    func garbageThrows(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 9)
        let (sender, receiver) = try pair(profile, using: &random)
        let shape = RTPShape(
            ssrc: 1, sequenceNumber: 5, size: 30, sources: 2, extensionWords: 3, using: &random)
        let packet = try sender.protected(shape.packet)
        let report = try sender.protectedRTCP([0x80, 200, 0, 6] + [UInt8](repeating: 1, count: 24))
        for length in packet.indices {
            #expect(throws: SRTPError.self) { try receiver.opened(Array(packet.prefix(length))) }
        }
        for length in report.indices {
            #expect(throws: SRTPError.self) { try receiver.openedRTCP(Array(report.prefix(length))) }
        }
        for _ in 0..<2000 {
            var noise = (0..<Int.random(in: 0...90, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            if !noise.isEmpty { noise[0] = 0x80 | noise[0] & 0x3F }
            #expect(throws: SRTPError.self) { try receiver.opened(noise) }
            #expect(throws: SRTPError.self) { try receiver.openedRTCP(noise) }
        }
        #expect(try receiver.opened(packet) == shape.packet)
    }

    @Test("Of streams that nobody announced the one not heard for longest makes room; announced ones stay")
    func streamsAreBounded() throws {
        var random = DeterministicRandom(seed: 10)
        let (sender, receiver) = try pair(.aeadAES128GCM, using: &random)
        func packet(_ ssrc: UInt32, _ number: UInt16 = 1) throws -> [UInt8] {
            try sender.protected(RTPShape(ssrc: ssrc, sequenceNumber: number, size: 9, using: &random).packet)
        }
        let bound = UInt32(SRTPLimits.undeclaredStreams)
        receiver.allow(ssrc: SSRC(rawValue: 1000))
        let announced = try packet(1000)
        _ = try receiver.opened(announced)
        let second = try packet(2)
        for ssrc in 1...bound { _ = try receiver.opened(ssrc == 2 ? second : packet(ssrc)) }
        // The first is heard again, so it is the second's turn.
        _ = try receiver.opened(packet(1, 2))
        #expect(throws: SRTPError.replayed) { try receiver.opened(second) }
        _ = try receiver.opened(packet(2000))
        #expect(receiver.undeclaredCount == Int(bound))
        #expect(throws: SRTPError.replayed) { try receiver.opened(announced) }
        // Its window is gone with it.
        _ = try receiver.opened(second)
        #expect(receiver.undeclaredCount == Int(bound))
        receiver.remove(ssrc: SSRC(rawValue: 7))
        #expect(receiver.undeclaredCount == Int(bound) - 1)
    }

    @Test("Forged packets take no stream's place")
    func forgeriesDoNotCount() throws {
        var random = DeterministicRandom(seed: 12)
        let (sender, receiver) = try pair(.aes128CMHMACSHA1_80, using: &random)
        for ssrc in 0..<500 as Range<UInt32> {
            let forged = RTPShape(ssrc: ssrc, sequenceNumber: 1, size: 50, using: &random).packet
            #expect(throws: SRTPError.notAuthentic) { try receiver.opened(forged) }
        }
        let shape = RTPShape(ssrc: 600, sequenceNumber: 1, size: 9, using: &random)
        #expect(try receiver.opened(sender.protected(shape.packet)) == shape.packet)
    }

    @Test("A removed stream's state is gone")
    func removalForgets() throws {
        var random = DeterministicRandom(seed: 13)
        let (sender, receiver) = try pair(.aeadAES128GCM, using: &random)
        let packet = try sender.protected(RTPShape(ssrc: 3, sequenceNumber: 1, size: 9, using: &random).packet)
        _ = try receiver.opened(packet)
        receiver.remove(ssrc: SSRC(rawValue: 3))
        _ = try receiver.opened(packet)
    }
}
