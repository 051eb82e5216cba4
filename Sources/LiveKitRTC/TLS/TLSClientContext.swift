internal import COpenSSL

/// Whom TLS connections that we open believe: the system's roots, and those that the caller adds.
///
/// Reading the roots takes a while, so it is made off the media loop, once for all connections.
///
/// `@unchecked Sendable`: nothing changes after `init`, and OpenSSL counts references to the context atomically.
@safe
package final class TLSClientContext: @unchecked Sendable {
    /// Whether the server's certificate and name are checked at all.
    package let verifiesCertificates: Bool
    let context: OpaquePointer

    /// - Parameters:
    ///   - verifiesCertificates: Off for tests with certificates that nobody vouches for.
    ///   - roots: PEM texts of certificates that are believed besides the system's.
    /// - Throws: ``TLSFailure/badRoots`` where a text holds no certificate.
    package init(verifiesCertificates: Bool = true, roots: [String] = []) throws(TLSFailure) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        self.verifiesCertificates = verifiesCertificates
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .lastError() }
        unsafe self.context = context
        unsafe lk_SSL_CTX_set_stream_options(context)
        guard unsafe lk_SSL_CTX_set_TLS_1_2(context) == 1 else { throw .lastError() }
        unsafe SSL_CTX_set_verify(context, verifiesCertificates ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        // A system without roots believes nobody, which the handshake will tell.
        unsafe SSL_CTX_set_default_verify_paths(context)
        for root in roots { try unsafe Self.add(root, to: context) }
    }

    deinit {
        unsafe SSL_CTX_free(context)
    }

    private static func add(_ pem: String, to context: OpaquePointer) throws(TLSFailure) {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .lastError() }
        defer { unsafe BIO_free(bio) }
        let bytes = Array(pem.utf8)
        unsafe BIO_write(bio, bytes, CInt(clamping: bytes.count))
        var count = 0
        while let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
            if unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1 { count += 1 }
            unsafe X509_free(certificate)
        }
        guard count > 0 else { throw .badRoots }
    }
}
