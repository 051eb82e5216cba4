import COpenSSL
import LiveKitCore

/// The server's side of a TLS connection in memory, under a certificate of its own making.
@safe
final class TLSTestServer {
    struct Failure: Error {}

    /// The certificate, for who is to believe it.
    let pem: String
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer

    init(name: String) throws {
        guard let key = unsafe lk_EVP_EC_gen_P256() else { throw Failure() }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe X509_new() else { throw Failure() }
        defer { unsafe X509_free(certificate) }
        let text = Array(name.utf8)
        let isSigned =
            unsafe X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), 7) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), 3600) != nil
            && X509_set_pubkey(certificate, key) == 1
            && X509_NAME_add_entry_by_txt(
                X509_get_subject_name(certificate), "CN", lk_MBSTRING_UTF8, text, CInt(text.count), -1, 0) == 1
            && X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
        guard isSigned, let context = unsafe SSL_CTX_new(TLS_server_method()),
            unsafe SSL_CTX_use_certificate(context, certificate) == 1,
            unsafe SSL_CTX_use_PrivateKey(context, key) == 1, let ssl = unsafe SSL_new(context),
            let inbound = unsafe BIO_new(BIO_s_mem()), let outbound = unsafe BIO_new(BIO_s_mem())
        else { throw Failure() }
        unsafe SSL_set_bio(ssl, inbound, outbound)
        unsafe SSL_set_accept_state(ssl)
        unsafe self.context = context
        unsafe self.ssl = ssl
        unsafe self.inbound = inbound
        unsafe self.outbound = outbound
        pem = unsafe Self.pem(of: certificate)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
    }

    private static func pem(of certificate: OpaquePointer) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(bio) }
        unsafe PEM_write_bio_X509(bio, certificate)
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = unsafe BIO_read(bio, &bytes, CInt(bytes.count))
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    /// Takes what the client wrote, and returns what came out of it.
    func receive(_ bytes: [UInt8]) -> [UInt8] {
        unsafe BIO_write(inbound, bytes, CInt(bytes.count))
        var plain = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe SSL_read(ssl, &plain, CInt(plain.count))
        return Array(plain.prefix(max(0, Int(count))))
    }

    func send(_ bytes: [UInt8]) {
        unsafe SSL_write(ssl, bytes, CInt(bytes.count))
    }

    func sayGoodbye() {
        unsafe SSL_shutdown(ssl)
    }

    func takeOutbound() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe BIO_read(outbound, &bytes, CInt(bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }
}
