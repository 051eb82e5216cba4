import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("Certificate fingerprint in SDP, RFC 8122 §5")
struct DTLSFingerprintTests {
    @Test("What is written is read again", arguments: DTLSFingerprint.Algorithm.allCases)
    func roundTrip(algorithm: DTLSFingerprint.Algorithm) throws {
        let digest = (0..<algorithm.size).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let fingerprint = DTLSFingerprint(algorithm: algorithm, digest: digest)
        #expect(try DTLSFingerprint(parsing: fingerprint.description) == fingerprint)
        #expect(try DTLSFingerprint(parsing: fingerprint.description.lowercased()) == fingerprint)
        #expect(try DTLSFingerprint(parsing: "\(algorithm.rawValue.uppercased()) \(fingerprint.value)") == fingerprint)
    }

    @Test("Every truncation throws")
    func truncationThrows() {
        let text = DTLSFingerprint(algorithm: .sha1, digest: [UInt8](repeating: 0xA5, count: 20)).description
        #expect(text.hasPrefix("sha-1 A5:A5:"))
        for length in 0..<text.count {
            #expect(throws: WireError.self) { try DTLSFingerprint(parsing: String(text.prefix(length))) }
        }
    }

    @Test(
        "Malformed text throws",
        arguments: [
            "md5 00:11", "sha-256", "sha-1 " + String(repeating: "GG:", count: 19) + "GG", "sha-256 AB::CD", "é",
        ])
    func malformedThrows(text: String) {
        #expect(throws: WireError.self) { try DTLSFingerprint(parsing: text) }
    }

    @Test("Two certificates have two fingerprints")
    func certificatesDiffer() throws {
        let one = try DTLSCertificate()
        let other = try DTLSCertificate()
        #expect(one.fingerprint != other.fingerprint)
        #expect(one.fingerprint.algorithm == .sha256)
        #expect(one.fingerprint.value.count == 32 * 3 - 1)
    }
}
