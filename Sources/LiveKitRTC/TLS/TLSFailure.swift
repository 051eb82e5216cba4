internal import COpenSSL

/// Why a TLS connection did not come about, or ended.
package enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A root that was to be believed is no certificate.
    case badRoots
    /// The server's certificate is not to be believed, or not for that name; in OpenSSL's words.
    case untrusted(String)
    /// OpenSSL refused what it received, or the server what it was sent; in OpenSSL's words.
    case protocolError(String)

    package var description: String {
        switch self {
        case .badRoots: "no certificate among the roots"
        case .untrusted(let reason): "certificate not trusted: \(reason)"
        case .protocolError(let reason): "TLS: \(reason)"
        }
    }

    static func lastError() -> TLSFailure {
        defer { ERR_clear_error() }
        let reason = unsafe ERR_reason_error_string(ERR_peek_last_error())
        return .protocolError(unsafe reason.map { unsafe String(cString: $0) } ?? "ended")
    }
}
