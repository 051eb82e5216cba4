import CSRTP2
import LiveKitCore

@testable import LiveKitRTC

/// libsrtp's own sender, against which ours is held.
@safe
final class ReferenceSRTP {
    private let session: srtp_t

    init(profile: SRTPProfile, master: SRTPKeyingMaterial.Master) throws {
        guard SRTPReceiver.isLibraryReady else { throw SRTPError.other(0) }
        var policy = unsafe srtp_policy_t()
        switch profile {
        case .aeadAES128GCM:
            unsafe srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            unsafe srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aeadAES256GCM:
            unsafe srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
            unsafe srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
        case .aes128CMHMACSHA1_80:
            unsafe srtp_crypto_policy_set_rtp_default(&policy.rtp)
            unsafe srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        case .aes128CMHMACSHA1_32:
            unsafe srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp)
            unsafe srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        }
        unsafe policy.ssrc.type = ssrc_any_outbound
        unsafe policy.window_size = 1024
        unsafe policy.allow_repeat_tx = 1
        var key = master.key + master.salt
        var session: srtp_t?
        let status = unsafe key.withUnsafeMutableBufferPointer { key in
            unsafe policy.key = key.baseAddress
            return unsafe srtp_create(&session, &policy)
        }
        guard status == srtp_err_status_ok, let session = unsafe session else { throw SRTPError(status) }
        unsafe self.session = session
    }

    deinit {
        unsafe srtp_dealloc(session)
    }

    func protect(_ packet: [UInt8]) throws -> [UInt8] {
        try unsafe run(packet) { unsafe srtp_protect($0, $1, $2) }
    }

    func protectRTCP(_ packet: [UInt8]) throws -> [UInt8] {
        try unsafe run(packet) { unsafe srtp_protect_rtcp($0, $1, $2) }
    }

    private func run(
        _ packet: [UInt8], _ body: (srtp_t, UnsafeMutableRawPointer?, UnsafeMutablePointer<CInt>) -> srtp_err_status_t
    ) throws -> [UInt8] {
        var bytes = packet + [UInt8](repeating: 0, count: Int(SRTP_MAX_TRAILER_LEN) + 4)
        var size = CInt(packet.count)
        let status = unsafe bytes.withUnsafeMutableBytes { unsafe body(session, $0.baseAddress, &size) }
        guard status == srtp_err_status_ok else { throw SRTPError(status) }
        return Array(bytes.prefix(Int(size)))
    }
}

extension SRTPSender {
    func protected(_ packet: [UInt8]) throws -> [UInt8] {
        var bytes = packet + [UInt8](repeating: 0, count: profile.tagSize)
        let size = try unsafe bytes.withUnsafeMutableBytes { buffer in
            try unsafe protect(buffer, count: packet.count)
        }
        return Array(bytes.prefix(size))
    }

    func protected(header: [UInt8], payload: [UInt8]) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: header.count + payload.count + profile.tagSize)
        let size = try unsafe bytes.withUnsafeMutableBytes { target in
            try unsafe header.withUnsafeBytes { header in
                try unsafe payload.withUnsafeBytes { payload in
                    guard let start = target.baseAddress else { throw SRTPError.malformed }
                    return try unsafe protect(header: header, payload: payload, into: start)
                }
            }
        }
        return Array(bytes.prefix(size))
    }

    func protectedRTCP(_ packet: [UInt8]) throws -> [UInt8] {
        var bytes = packet + [UInt8](repeating: 0, count: profile.controlOverhead)
        let size = try unsafe bytes.withUnsafeMutableBytes { buffer in
            try unsafe protectRTCP(buffer, count: packet.count)
        }
        return Array(bytes.prefix(size))
    }
}

extension SRTPReceiver {
    func opened(_ packet: [UInt8]) throws -> [UInt8] {
        var bytes = packet
        let size = try unsafe bytes.withUnsafeMutableBytes { buffer in
            try unsafe unprotectRTP(buffer)
        }
        return Array(bytes.prefix(size))
    }

    func openedRTCP(_ packet: [UInt8]) throws -> [UInt8] {
        var bytes = packet
        let size = try unsafe bytes.withUnsafeMutableBytes { buffer in
            try unsafe unprotectRTCP(buffer)
        }
        return Array(bytes.prefix(size))
    }
}

extension SRTPKeyingMaterial {
    /// Random keys, as one side sees them.
    static func random(_ profile: SRTPProfile, using random: inout DeterministicRandom) -> Self {
        func master() -> Master {
            Master(
                key: (0..<profile.keySize).map { _ in .random(in: .min ... .max, using: &random) },
                salt: (0..<profile.saltSize).map { _ in .random(in: .min ... .max, using: &random) })
        }
        return SRTPKeyingMaterial(profile: profile, local: master(), remote: master())
    }

    /// The same keys, as the other side sees them.
    var mirrored: Self { SRTPKeyingMaterial(profile: profile, local: remote, remote: local) }
}

/// RTP packets of every shape that SRTP has to tell apart.
struct RTPShape {
    var header: [UInt8]
    var payload: [UInt8]

    var packet: [UInt8] { header + payload }

    init(
        ssrc: UInt32, sequenceNumber: UInt16, size: Int, sources: Int = 0, extensionWords: Int? = nil,
        using random: inout DeterministicRandom
    ) {
        var writer = ByteWriter()
        writer.write(0x80 | UInt8(sources) | (extensionWords == nil ? 0 : 0x10))
        writer.write(UInt8(96))
        writer.write(sequenceNumber)
        writer.write(UInt32.random(in: .min ... .max, using: &random))
        writer.write(ssrc)
        for source in 0..<sources { writer.write(UInt32(source)) }
        if let extensionWords {
            writer.write(UInt16(0xBEDE))
            writer.write(UInt16(extensionWords))
            for _ in 0..<extensionWords { writer.write(UInt32.random(in: .min ... .max, using: &random)) }
        }
        header = writer.bytes
        payload = (0..<size).map { _ in .random(in: .min ... .max, using: &random) }
    }
}

/// Reads hexadecimal digits, for vectors copied from an RFC.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
