import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// The vectors of RFC 3711, RFC 6188 and RFC 7714 as the corpus gives them, all that touch RTP.
@Suite("SRTP vectors of RFC 3711 B.2, B.3, RFC 6188 and RFC 7714 §16, §17")
struct SRTPVectorFileTests {
    private struct Vectors: Decodable {
        struct Keystream: Decodable {
            var key: String
            var iv: String
            var keystream: [String: String]
        }

        let rfc3711_b2: Keystream
        let rfc3711_b3: [String: String]
        let rfc6188_256: [String: String]
        let rfc6188_192: [String: String]
        let rfc7714: RFC7714

        struct RFC7714: Decodable {
            var rtp_packet: String
            var rtcp_packet: String
            var rtcp_index: UInt32
            var salt: String
            var srtp_128: String
            var srtp_256: String
            var srtcp_enc_128: String
            var srtcp_enc_256: String
        }
    }

    private func vectors() throws -> Vectors {
        let root = try #require(TestData.root)
        return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: root.appending(path: "vectors.json")))
    }

    @Test("AES-CM's keystream, RFC 3711 B.2", .enabled(if: TestData.root != nil, "needs the corpus"))
    func keystream() throws {
        let vector = try vectors().rfc3711_b2
        let cipher = try CipherContext(.counterMode, key: bytes(hex: vector.key))
        let start = InitializationVector(salt: bytes(hex: vector.iv))
        var stream = [UInt8](repeating: 0, count: 0xFF02 * 16)
        unsafe stream.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            #expect(unsafe cipher.applyKeystream(start, from: base, count: buffer.count, to: base))
        }
        #expect(vector.keystream.count == 6)
        for (block, expected) in vector.keystream {
            let offset = try #require(Int(block, radix: 16)) * 16
            #expect(Array(stream[offset..<offset + 16]) == bytes(hex: expected))
        }
    }

    @Test(
        "The derived keys, RFC 3711 B.3 and RFC 6188 §7", .enabled(if: TestData.root != nil, "needs the corpus"))
    func derivation() throws {
        let all = try vectors()
        for (vector, names) in [
            (all.rfc3711_b3, ("rtp_cipher", "rtp_auth94", "rtp_salt")), (all.rfc6188_256, ("cipher", "auth", "salt")),
            (all.rfc6188_192, ("cipher", "auth", "salt")),
        ] {
            func field(_ name: String) throws -> [UInt8] { bytes(hex: try #require(vector[name])) }
            let generator = try CipherContext(.counterMode, key: field("master_key"))
            for (label, name) in [(0, names.0), (1, names.1), (2, names.2)] as [(UInt8, String)] {
                let expected = try field(name)
                let derived = try SRTPKeyDerivation.derive(
                    expected.count, label: label, salt: field("master_salt"), by: generator)
                #expect(derived == expected, "\(name)")
            }
        }
    }

    @Test(
        "SRTP and SRTCP under AES-GCM, RFC 7714 §16, §17", .enabled(if: TestData.root != nil, "needs the corpus"),
        arguments: [SRTPProfile.aeadAES128GCM, .aeadAES256GCM])
    func galois(profile: SRTPProfile) throws {
        let vector = try vectors().rfc7714
        let keys = SRTPSessionKeys(
            cipherKey: (0..<profile.keySize).map { UInt8($0) }, authenticationKey: [], salt: bytes(hex: vector.salt))
        let sender = try SRTPSender(
            profile: profile, rtp: keys, rtcp: keys, lastControlIndex: vector.rtcp_index - 1)
        let is128 = profile == .aeadAES128GCM
        #expect(
            try sender.protected(bytes(hex: vector.rtp_packet))
                == bytes(hex: is128 ? vector.srtp_128 : vector.srtp_256))
        #expect(
            try sender.protectedRTCP(bytes(hex: vector.rtcp_packet))
                == bytes(hex: is128 ? vector.srtcp_enc_128 : vector.srtcp_enc_256))
    }
}
