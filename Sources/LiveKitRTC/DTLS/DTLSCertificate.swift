internal import COpenSSL

/// A self-signed certificate with its key, and the OpenSSL context that all connections under it share.
///
/// Made once for a process, or once for each connection where peers must not be linkable.
///
/// `@unchecked Sendable`: nothing changes after `init`, and OpenSSL counts references to the context, the
/// key and the certificate atomically.
@safe
package final class DTLSCertificate: @unchecked Sendable {
    /// What went wrong while making a certificate: OpenSSL's error code.
    package struct CreationError: Error, Hashable, Sendable {
        package let code: UInt
    }

    /// Days that a certificate is valid. The peer trusts the fingerprint, not the dates, but a server that
    /// runs for months under one certificate should not depend on it.
    private static let validityDays = 365
    /// RFC 8827 §6.5 wants P-256; the certificate claims to be a day older than it is, for peers with a slow clock.
    private static let secondsPerDay = 86_400

    /// In the order in which we choose as server: authenticated encryption, which is also the cheapest to protect
    /// with, the shorter key first; then what everybody has; the short tag for those who know nothing else.
    static let profiles =
        "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32"
    /// Forward secrecy and AEAD only (RFC 8827 §6.5, RFC 7525 §4.2).
    private static let ciphers = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
        ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
        ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """
    private static let groups = "X25519:P-256:P-384"

    /// The certificate's sha-256 digest, for `a=fingerprint`.
    package let fingerprint: DTLSFingerprint
    let context: OpaquePointer

    /// Makes a P-256 key and signs a certificate for it.
    package convenience init(commonName: String = "livekit") throws(CreationError) {
        try self.init(commonName: commonName, profiles: Self.profiles)
    }

    init(commonName: String, profiles: String) throws(CreationError) {
        ERR_clear_error()
        guard let key = unsafe lk_EVP_EC_gen_P256() else { throw Self.lastError() }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe Self.sign(key, commonName: commonName) else { throw Self.lastError() }
        defer { unsafe X509_free(certificate) }
        guard let digest = unsafe Self.digest(of: certificate, by: .sha256),
            let context = unsafe Self.makeContext(key: key, certificate: certificate, profiles: profiles)
        else { throw Self.lastError() }
        fingerprint = DTLSFingerprint(algorithm: .sha256, digest: digest)
        unsafe self.context = context
    }

    deinit {
        unsafe SSL_CTX_free(context)
    }

    private static func lastError() -> CreationError {
        defer { ERR_clear_error() }
        return CreationError(code: ERR_peek_last_error())
    }

    private static func sign(_ key: OpaquePointer, commonName: String) -> OpaquePointer? {
        guard let certificate = unsafe X509_new() else { return nil }
        var serial: UInt64 = 0
        let name = Array(commonName.utf8.prefix(64))
        let isSigned =
            unsafe withUnsafeMutableBytes(of: &serial) { bytes in
                unsafe RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(bytes.count))
            } == 1
            && X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -secondsPerDay) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), validityDays * secondsPerDay) != nil
            && X509_set_pubkey(certificate, key) == 1
            && X509_NAME_add_entry_by_txt(
                X509_get_subject_name(certificate), "CN", lk_MBSTRING_UTF8, name, CInt(name.count), -1, 0) == 1
            && X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
        if isSigned { return unsafe certificate }
        unsafe X509_free(certificate)
        return nil
    }

    private static func makeContext(key: OpaquePointer, certificate: OpaquePointer, profiles: String) -> OpaquePointer?
    {
        guard let context = unsafe SSL_CTX_new(DTLS_method()) else { return nil }
        unsafe lk_SSL_CTX_set_WebRTC_options(context)
        // Whoever it is may prove possession of any key: the fingerprint says whether it is the right one.
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        unsafe SSL_CTX_set_cert_verify_callback(context, { _, _ in 1 }, nil)
        // SSL_CTX_set_tlsext_use_srtp is the one that answers zero for success.
        let isReady =
            unsafe lk_SSL_CTX_set_DTLS_1_2(context) == 1
            && SSL_CTX_set_cipher_list(context, ciphers) == 1
            && lk_SSL_CTX_set_groups(context, groups) == 1
            && SSL_CTX_use_certificate(context, certificate) == 1
            && SSL_CTX_use_PrivateKey(context, key) == 1
            && SSL_CTX_set_tlsext_use_srtp(context, profiles) == 0
        if isReady { return unsafe context }
        unsafe SSL_CTX_free(context)
        return nil
    }

    /// A certificate's digest, or `nil` when OpenSSL cannot.
    static func digest(of certificate: OpaquePointer, by algorithm: DTLSFingerprint.Algorithm) -> [UInt8]? {
        let function =
            switch algorithm {
            case .sha1: unsafe EVP_sha1()
            case .sha256: unsafe EVP_sha256()
            case .sha384: unsafe EVP_sha384()
            case .sha512: unsafe EVP_sha512()
            }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var size: UInt32 = 0
        guard unsafe X509_digest(certificate, function, &digest, &size) == 1 else { return nil }
        return Array(digest.prefix(Int(size)))
    }
}
