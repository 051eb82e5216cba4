import LiveKitCore
import Testing

@testable import LiveKitRTC

/// RFC 7714 gives session keys, which no receiver takes. These packets, which libsrtp and others check themselves
/// against, are made from a master key, so that they cover derivation, cipher and tag at once.
@Suite("SRTP and SRTCP packets opened byte for byte, RFC 3711 and RFC 7714")
struct SRTPReceiverVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let profile: SRTPProfile
        let master: SRTPKeyingMaterial.Master
        let rtp: [UInt8]
        let rtcp: [UInt8]

        var testDescription: String { "\(profile)" }
    }

    private static let media = bytes(hex: "800f1234decafbadcafebabe") + [UInt8](repeating: 0xAB, count: 16)
    private static let report = bytes(hex: "81c8000bcafebabe") + [UInt8](repeating: 0xAB, count: 16)

    static let vectors = [
        Vector(
            profile: .aes128CMHMACSHA1_80,
            master: .init(
                key: bytes(hex: "e1f97a0d3e018be0d64fa32c06de4139"), salt: bytes(hex: "0ec675ad498afeebb6960b3aabe6")),
            rtp: bytes(hex: "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"),
            rtcp: bytes(hex: "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798")),
        Vector(
            profile: .aeadAES128GCM,
            master: .init(
                key: bytes(hex: "000102030405060708090a0b0c0d0e0f"), salt: bytes(hex: "a0a1a2a3a4a5a6a7a8a9aaab")),
            rtp: bytes(
                hex: """
                    800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392
                    """),
            rtcp: bytes(
                hex: """
                    81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001
                    """)),
    ]

    private func receiver(_ vector: Vector) throws -> SRTPReceiver {
        try SRTPReceiver(
            SRTPKeyingMaterial(profile: vector.profile, local: vector.master, remote: vector.master))
    }

    @Test("They open to the packets that went in, and are made of them again", arguments: vectors)
    func opens(vector: Vector) throws {
        let receiver = try receiver(vector)
        #expect(try receiver.opened(vector.rtp) == Self.media)
        #expect(try receiver.openedRTCP(vector.rtcp) == Self.report)
        let sender = try SRTPSender(
            SRTPKeyingMaterial(profile: vector.profile, local: vector.master, remote: vector.master))
        #expect(try sender.protected(Self.media) == vector.rtp)
        #expect(try sender.protectedRTCP(Self.report) == vector.rtcp)
    }

    @Test("No truncation and no flipped bit opens", arguments: vectors)
    func refuses(vector: Vector) throws {
        let receiver = try receiver(vector)
        for length in vector.rtp.indices {
            #expect(throws: SRTPError.self) { try receiver.opened(Array(vector.rtp.prefix(length))) }
        }
        for length in vector.rtcp.indices {
            #expect(throws: SRTPError.self) { try receiver.openedRTCP(Array(vector.rtcp.prefix(length))) }
        }
        for bit in 8..<vector.rtp.count * 8 {
            var changed = vector.rtp
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SRTPError.self, "bit \(bit)") { try receiver.opened(changed) }
        }
        for bit in 8..<vector.rtcp.count * 8 {
            var changed = vector.rtcp
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SRTPError.self, "bit \(bit)") { try receiver.openedRTCP(changed) }
        }
        #expect(try receiver.opened(vector.rtp) == Self.media)
    }
}
