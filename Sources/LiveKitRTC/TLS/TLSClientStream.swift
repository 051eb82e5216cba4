internal import COpenSSL
internal import LiveKitCore

/// The client's side of one TLS connection (RFC 8446, RFC 5246) between two queues of bytes, over OpenSSL.
///
/// Owns the handshake, the check of the certificate and of the server's name, and the records. It owns no socket:
/// ``receive(_:)`` takes what came, ``takeOutbound(into:)`` gives what is to be written, and has to be asked after each
/// call. The dates of certificates are judged by the system's clock, by OpenSSL itself.
@safe
package final class TLSClientStream {
    package enum State: Hashable, Sendable {
        case handshaking
        case open
        /// The server said goodbye, or the stream broke: then with a reason.
        case ended(TLSFailure?)
    }

    package private(set) var state = State.handshaking

    /// Bytes that wait to be written. What is sent when there are more is left out, and counted.
    package static let outboundLimit = 256 * 1024

    /// Keeps the context alive.
    private let context: TLSClientContext
    private let ssl: OpaquePointer
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer

    /// A connection to the server of that name or address.
    package init(_ context: TLSClientContext, host: String) throws(TLSFailure) {
        ERR_clear_error()
        self.context = context
        guard let ssl = unsafe SSL_new(context.context) else { throw .lastError() }
        guard let inbound = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(ssl)
            throw .lastError()
        }
        guard let outbound = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(inbound)
            unsafe SSL_free(ssl)
            throw .lastError()
        }
        unsafe SSL_set_bio(ssl, inbound, outbound)
        unsafe SSL_set_connect_state(ssl)
        unsafe self.ssl = ssl
        unsafe self.inbound = inbound
        unsafe self.outbound = outbound
        guard expect(host) else { throw .lastError() }
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    /// Whom the certificate has to be for: a name in it (RFC 9525 §6.3), or an address (§6.5).
    private func expect(_ host: String) -> Bool {
        if TransportAddress(host: host, port: 0) != nil {
            return unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1
        }
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        // RFC 6066 §3: addresses are not sent as names.
        return unsafe SSL_set1_host(ssl, host) == 1 && lk_SSL_set_server_name(ssl, host) == 1
    }

    // MARK: The wire

    /// Begins the handshake.
    package func start() {
        shakeHands()
    }

    /// Takes what the server sent. What it holds for us is to be ``read(into:)``.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !isEnded, unsafe !bytes.isEmpty else { return }
        unsafe BIO_write(inbound, bytes.baseAddress, CInt(clamping: bytes.count))
        if state == .handshaking { shakeHands() }
    }

    /// Moves bytes for the server into the buffer.
    ///
    /// - Returns: How many.
    package func takeOutbound(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        max(0, Int(unsafe BIO_read(outbound, buffer.baseAddress, CInt(clamping: buffer.count))))
    }

    /// Bytes that wait to be written.
    package var outboundCount: Int { unsafe BIO_ctrl_pending(outbound) }

    // MARK: What is carried

    /// Encrypts bytes for the server.
    ///
    /// - Returns: Whether they were taken, all of them: not before the handshake is done, nor when too many wait.
    package func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard state == .open, unsafe !bytes.isEmpty, outboundCount + bytes.count <= Self.outboundLimit else {
            return false
        }
        ERR_clear_error()
        let count = unsafe SSL_write(ssl, bytes.baseAddress, CInt(clamping: bytes.count))
        guard count <= 0 else { return true }
        judge(count)
        return false
    }

    /// Moves decrypted bytes into the buffer.
    ///
    /// - Returns: How many; zero when there are none for now.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard state == .open else { return 0 }
        ERR_clear_error()
        let count = unsafe SSL_read(ssl, buffer.baseAddress, CInt(clamping: buffer.count))
        if count <= 0 { judge(count) }
        return max(0, Int(count))
    }

    /// Says goodbye. What ``takeOutbound(into:)`` still has should be written.
    package func close() {
        guard !isEnded else { return }
        ERR_clear_error()
        if state == .open { unsafe SSL_shutdown(ssl) }
        ERR_clear_error()
        state = .ended(nil)
    }

    // MARK: OpenSSL's word

    private var isEnded: Bool { if case .ended = state { true } else { false } }

    private func shakeHands() {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 { state = .open } else { judge(result) }
    }

    /// What a call that gave nothing means.
    private func judge(_ result: CInt) {
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: ERR_clear_error()
        case SSL_ERROR_ZERO_RETURN: state = .ended(nil)
        default: state = .ended(failure())
        }
    }

    private func failure() -> TLSFailure {
        let verdict = unsafe SSL_get_verify_result(ssl)
        guard context.verifiesCertificates, state == .handshaking, verdict != X509_V_OK else { return .lastError() }
        ERR_clear_error()
        return .untrusted(unsafe String(cString: X509_verify_cert_error_string(verdict)))
    }
}
