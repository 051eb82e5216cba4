internal import CSRTP2
package import LiveKitCore

/// Opens what one peer sends: authenticity, replay and rollover, kept by libsrtp for each stream.
///
/// libsrtp makes a stream's state at its first authentic packet. This type bounds how many, and lets a
/// packet through to libsrtp only when its header's lengths hold.
@safe
package final class SRTPReceiver {
    package let profile: SRTPProfile
    private let session: srtp_t
    private var declared: Set<UInt32> = []
    private var undeclared = UndeclaredStreams()

    /// libsrtp's self-tests and tables, once for the process: a second `srtp_init` fails.
    static let isLibraryReady = srtp_init() == srtp_err_status_ok

    /// Opens with the remote keys of `material`.
    package init(_ material: SRTPKeyingMaterial) throws(SRTPError) {
        profile = material.profile
        guard Self.isLibraryReady else { throw SRTPError(srtp_err_status_init_fail) }
        let master = material.remote
        guard master.key.count == profile.keySize, master.salt.count == profile.saltSize else { throw .invalidKey }
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
        unsafe policy.ssrc.type = ssrc_any_inbound
        unsafe policy.window_size = UInt(SRTPLimits.replayWindow)
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

    /// Streams without an announcement that are remembered.
    var undeclaredCount: Int { undeclared.count }

    /// Announces a stream, so that it does not count against the bound on unannounced ones.
    package func allow(ssrc: SSRC) {
        guard declared.count < SRTPLimits.declaredStreams else { return }
        if declared.insert(ssrc.rawValue).inserted { undeclared.remove(ssrc.rawValue) }
    }

    /// Frees a stream's state. Its packets would be taken as those of a new stream, so only once it ended.
    package func remove(ssrc: SSRC) {
        declared.remove(ssrc.rawValue)
        undeclared.remove(ssrc.rawValue)
        unsafe srtp_remove_stream(session, ssrc.rawValue.bigEndian)
    }

    /// Opens the SRTP packet that fills `packet`, in place.
    ///
    /// - Returns: The RTP packet's size; what was behind it is garbage now.
    package func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
        let header = unsafe try SRTPHeader(parsing: UnsafeRawBufferPointer(packet))
        guard header.size + profile.tagSize <= packet.count, packet.count <= Int(UInt16.max) else { throw .malformed }
        return unsafe try unprotect(packet, ssrc: header.ssrc) { unsafe srtp_unprotect($0, $1, $2) }
    }

    /// Opens the SRTCP packet that fills `packet`, in place.
    ///
    /// - Returns: The compound RTCP packet's size; what was behind it is garbage now.
    package func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
        let header = unsafe try SRTCPHeader(parsing: UnsafeRawBufferPointer(packet))
        guard SRTCPHeader.size + profile.controlOverhead <= packet.count, packet.count <= Int(UInt16.max) else {
            throw .malformed
        }
        return unsafe try unprotect(packet, ssrc: header.ssrc) { unsafe srtp_unprotect_rtcp($0, $1, $2) }
    }

    @inline(__always)
    private func unprotect(
        _ packet: UnsafeMutableRawBufferPointer, ssrc: UInt32,
        by open: (srtp_t, UnsafeMutableRawPointer?, UnsafeMutablePointer<CInt>) -> srtp_err_status_t
    ) throws(SRTPError) -> Int {
        var size = CInt(packet.count)
        let status = unsafe open(session, packet.baseAddress, &size)
        guard status == srtp_err_status_ok, size >= 0, Int(size) <= packet.count else { throw SRTPError(status) }
        if !declared.contains(ssrc), let evicted = undeclared.note(ssrc) {
            unsafe srtp_remove_stream(session, evicted.bigEndian)
        }
        return Int(size)
    }
}
