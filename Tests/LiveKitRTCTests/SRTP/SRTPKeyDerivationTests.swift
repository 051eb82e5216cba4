import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("SRTP key derivation and counter mode, RFC 3711")
struct SRTPKeyDerivationTests {
    private static let master = SRTPKeyingMaterial.Master(
        key: bytes(hex: "e1f97a0d3e018be0d64fa32c06de4139"), salt: bytes(hex: "0ec675ad498afeebb6960b3aabe6"))

    @Test("The RTP keys of appendix B.3")
    func derivesTheVectorsForRTP() throws {
        let keys = try SRTPKeyDerivation.sessionKeys(for: .rtp, profile: .aes128CMHMACSHA1_80, master: Self.master)
        #expect(keys.cipherKey == bytes(hex: "c61e7a93744f39ee10734afe3ff7a087"))
        #expect(keys.authenticationKey == bytes(hex: "cebe321f6ff7716b6fd4ab49af256a156d38baa4"))
        #expect(keys.salt == bytes(hex: "30cbbc08863d8c85d49db34a9ae1"))
    }

    @Test("The long authentication key of appendix B.3")
    func derivesALongKey() throws {
        let generator = try CipherContext(.counterMode, key: Self.master.key)
        let key = try SRTPKeyDerivation.derive(94, label: 1, salt: Self.master.salt, by: generator)
        #expect(key.suffix(16) == bytes(hex: "6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2").suffix(16))
    }

    @Test("RTCP has keys of its own")
    func derivesKeysForRTCP() throws {
        let keys = try SRTPKeyDerivation.sessionKeys(for: .rtcp, profile: .aes128CMHMACSHA1_80, master: Self.master)
        #expect(keys.cipherKey == bytes(hex: "4c1aa45a81f73d61c800bbb00fbb1eaa"))
        #expect(keys.authenticationKey == bytes(hex: "8d54534feb49ae8e7993a6bd0b844fc323a93dfd"))
        #expect(keys.salt == bytes(hex: "9581c7ad87b3e530bf3e4454a8b3"))
    }

    @Test("AES-256 counter mode derives the vectors of RFC 6188 §7.2")
    func derivesWithLongKeys() throws {
        let generator = try CipherContext(
            .counterMode, key: bytes(hex: "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"))
        let salt = bytes(hex: "3b04803de51ee7c96423ab5b78d2")
        let cipher = try SRTPKeyDerivation.derive(32, label: 0, salt: salt, by: generator)
        #expect(cipher == bytes(hex: "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"))
        let sessionSalt = try SRTPKeyDerivation.derive(14, label: 2, salt: salt, by: generator)
        #expect(sessionSalt == bytes(hex: "fa31791685ca444a9e07c6c64e93"))
        let authentication = try SRTPKeyDerivation.derive(20, label: 1, salt: salt, by: generator)
        #expect(authentication == bytes(hex: "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"))
    }

    @Test("The keystream of appendix B.2, up to block FF01")
    func keystreamMatchesTheVector() throws {
        let cipher = try CipherContext(.counterMode, key: bytes(hex: "2B7E151628AED2A6ABF7158809CF4F3C"))
        let vector = InitializationVector(salt: bytes(hex: "F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"))
        var stream = [UInt8](repeating: 0, count: 0xFF02 * 16)
        unsafe stream.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            #expect(unsafe cipher.applyKeystream(vector, from: start, count: buffer.count, to: start))
        }
        for (block, expected) in [
            (0, "e03ead0935c95e80e166b16dd92b4eb4"), (1, "d23513162b02d0f72a43a2fe4a5f97ab"),
            (2, "41e95b3bb0a2e8dd477901e4fca894c0"), (0xFEFF, "ec8cdf7398607cb0f2d21675ea9ea1e4"),
            (0xFF00, "362b7c3c6773516318a077d7fc5073ae"), (0xFF01, "6a2cc3787889374fbeb4c81b17ba6c44"),
        ] {
            #expect(Array(stream[(block * 16)..<(block * 16 + 16)]) == bytes(hex: expected))
        }
    }

    @Test("Keys of a wrong length are refused", arguments: SRTPProfile.allCases)
    func wrongLengthsThrow(profile: SRTPProfile) {
        let short = SRTPKeyingMaterial.Master(key: [1, 2, 3], salt: [])
        let material = SRTPKeyingMaterial(profile: profile, local: short, remote: short)
        #expect(throws: SRTPError.invalidKey) { _ = try SRTPSender(material) }
        #expect(throws: SRTPError.invalidKey) { _ = try SRTPReceiver(material) }
    }

    @Test("Exported keying material splits into client and server, keys before salts", arguments: SRTPProfile.allCases)
    func splitsExportedMaterial(profile: SRTPProfile) throws {
        let size = SRTPKeyingMaterial.exportedSize(of: profile)
        let exported = (0..<size).map { UInt8($0) }
        let client = try #require(SRTPKeyingMaterial(profile: profile, exported: exported, isClient: true))
        let server = try #require(SRTPKeyingMaterial(profile: profile, exported: exported, isClient: false))
        #expect(client == server.mirrored)
        #expect(client.local.key == Array(exported.prefix(profile.keySize)))
        #expect(client.remote.salt == Array(exported.suffix(profile.saltSize)))
        #expect(SRTPKeyingMaterial(profile: profile, exported: Array(exported.dropLast()), isClient: true) == nil)
    }
}
