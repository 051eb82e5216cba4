internal import CSRTP2

/// Why a packet was not protected or not accepted. Count it and drop the packet; it never ends a session.
package enum SRTPError: Error, Hashable, Sendable {
    /// Seen before, or older than the replay window reaches: usual on a network that duplicates.
    case replayed
    /// The authentication tag does not match.
    case notAuthentic
    /// The header does not fit the packet.
    case malformed
    /// One more stream than the session holds.
    case tooManyStreams
    /// A key or salt of the wrong length.
    case invalidKey
    /// Anything else, by libsrtp's number of it.
    case other(UInt32)

    init(_ status: srtp_err_status_t) {
        switch status {
        case srtp_err_status_replay_fail, srtp_err_status_replay_old, srtp_err_status_pkt_idx_old: self = .replayed
        case srtp_err_status_auth_fail: self = .notAuthentic
        case srtp_err_status_parse_err, srtp_err_status_bad_param: self = .malformed
        default: self = .other(status.rawValue)
        }
    }

    /// OpenSSL refused or could not allocate.
    static let cipherFailed = Self(srtp_err_status_cipher_fail)
}
