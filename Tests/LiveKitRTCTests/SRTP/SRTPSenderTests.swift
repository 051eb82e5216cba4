import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("SRTP sender, RFC 3711 and RFC 7714")
struct SRTPSenderTests {
    private static let plain = bytes(
        hex: "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573")
    private static let control = bytes(
        hex: "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef")

    /// RFC 7714 gives session keys, not master keys.
    private func vectorSender(_ profile: SRTPProfile) throws -> SRTPSender {
        let keys = SRTPSessionKeys(
            cipherKey: (0..<profile.keySize).map { UInt8($0) }, authenticationKey: [],
            salt: bytes(hex: "517569642070726f2071756f"))
        return try SRTPSender(profile: profile, rtp: keys, rtcp: keys, lastControlIndex: 0x5D3)
    }

    @Test("AEAD_AES_128_GCM protects the packets of RFC 7714 §16.1.1 and §17.1")
    func protectsTheVectors128() throws {
        let sender = try vectorSender(.aeadAES128GCM)
        let rtp = bytes(
            hex: """
                8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf
                8833899d7f27beb16a9152cf765ee4390cce
                """)
        let rtcp = bytes(
            hex: """
                81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded
                0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4
                """)
        #expect(try sender.protected(Self.plain) == rtp)
        #expect(try sender.protectedRTCP(Self.control) == rtcp)
    }

    @Test("AEAD_AES_256_GCM protects the packets of RFC 7714 §16.2.1 and §17.3")
    func protectsTheVectors256() throws {
        let sender = try vectorSender(.aeadAES256GCM)
        let rtp = bytes(
            hex: """
                8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799
                b87b7aa3db36dfffd6b0f9bb7878d7a76c13
                """)
        let rtcp = bytes(
            hex: """
                81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de047
                6f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4
                """)
        #expect(try sender.protected(Self.plain) == rtp)
        #expect(try sender.protectedRTCP(Self.control) == rtcp)
    }

    @Test("Every shape of packet comes out as from libsrtp, in place and out of place", arguments: SRTPProfile.allCases)
    func equalsLibsrtp(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 7)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let inPlace = try SRTPSender(material)
        let outOfPlace = try SRTPSender(material)
        var sequenceNumber: UInt16 = 0xFF00
        for size in Array(0...40) + Array(stride(from: 41, through: 1400, by: 17)) + [1400] {
            for extensionWords in [nil, 0, 1, 5] as [Int?] {
                let shape = RTPShape(
                    ssrc: 0xCAFE_0001, sequenceNumber: sequenceNumber, size: size,
                    sources: Int.random(in: 0...15, using: &random), extensionWords: extensionWords, using: &random)
                sequenceNumber &+= 1
                let expected = try reference.protect(shape.packet)
                #expect(try inPlace.protected(shape.packet) == expected)
                #expect(try outOfPlace.protected(header: shape.header, payload: shape.payload) == expected)
            }
        }
    }

    @Test("Rollover follows libsrtp over wraps, losses and reordering", arguments: SRTPProfile.allCases, [1, 2, 3])
    func rolloverEqualsLibsrtp(profile: SRTPProfile, seed: Int) throws {
        var random = DeterministicRandom(seed: UInt64(seed))
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let sender = try SRTPSender(material)
        var position = Int.random(in: 1...40_000, using: &random)
        let end = position + 5 * 65_536
        while position < end {
            position += Int.random(in: 1...1500, using: &random)
            for late in [0, Int.random(in: 1...1000, using: &random)] where position > late {
                let ssrc: UInt32 = Bool.random(using: &random) ? 1 : 2
                let shape = RTPShape(
                    ssrc: ssrc, sequenceNumber: UInt16(truncatingIfNeeded: position - late), size: 20, using: &random)
                // libsrtp refuses what fell out of its window; we have no window on sending.
                guard let expected = try? reference.protect(shape.packet) else { continue }
                #expect(try sender.protected(shape.packet) == expected)
            }
        }
    }

    @Test("RTCP comes out as from libsrtp", arguments: SRTPProfile.allCases)
    func controlEqualsLibsrtp(profile: SRTPProfile) throws {
        var random = DeterministicRandom(seed: 11)
        let material = SRTPKeyingMaterial.random(profile, using: &random)
        let reference = try ReferenceSRTP(profile: profile, master: material.local)
        let sender = try SRTPSender(material)
        for words in 0..<100 {
            let packet =
                [0x80, 201, 0, UInt8(1 + words), 0, 0, 0, 9]
                + (0..<4 * words).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(try sender.protectedRTCP(packet) == reference.protectRTCP(packet))
        }
    }

    @Test("Every truncated header is refused, none traps")
    func truncationThrows() throws {
        var random = DeterministicRandom(seed: 3)
        let sender = try SRTPSender(.random(.aeadAES128GCM, using: &random))
        let shape = RTPShape(
            ssrc: 1, sequenceNumber: 1, size: 0, sources: 3, extensionWords: 2, using: &random)
        for length in 0..<shape.header.count {
            #expect(throws: SRTPError.malformed) { try sender.protected(Array(shape.header.prefix(length))) }
            #expect(throws: SRTPError.malformed) {
                try sender.protected(header: Array(shape.header.prefix(length)), payload: [1])
            }
        }
        for length in 0..<8 {
            #expect(throws: SRTPError.malformed) { try sender.protectedRTCP([UInt8](repeating: 0x80, count: length)) }
        }
    }
}
