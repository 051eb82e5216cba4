/// A protection profile that DTLS-SRTP can agree on (RFC 5764 §4.1.2, RFC 7714 §14.2).
///
/// In the order in which we choose: authenticated encryption first, the short tag last.
package enum SRTPProfile: UInt16, Hashable, Sendable, CaseIterable {
    case aeadAES128GCM = 0x0007
    case aeadAES256GCM = 0x0008
    case aes128CMHMACSHA1_80 = 0x0001
    case aes128CMHMACSHA1_32 = 0x0002

    /// Bytes of the master key, and of the session keys that encrypt.
    package var keySize: Int { self == .aeadAES256GCM ? 32 : 16 }

    /// Bytes of the master salt.
    package var saltSize: Int { isAEAD ? 12 : 14 }

    /// Bytes that protecting an RTP packet appends.
    package var tagSize: Int {
        switch self {
        case .aeadAES128GCM, .aeadAES256GCM: 16
        case .aes128CMHMACSHA1_80: 10
        case .aes128CMHMACSHA1_32: 4
        }
    }

    /// Bytes of the tag on RTCP: the short one is for RTP alone (RFC 5764 §4.1.2).
    var controlTagSize: Int { isAEAD ? 16 : 10 }

    /// Bytes that protecting an RTCP packet appends: the tag, and the index with its E flag.
    package var controlOverhead: Int { controlTagSize + 4 }

    var isAEAD: Bool {
        switch self {
        case .aeadAES128GCM, .aeadAES256GCM: true
        case .aes128CMHMACSHA1_80, .aes128CMHMACSHA1_32: false
        }
    }

    /// The bytes any profile appends to an RTCP packet at most; RTP takes four less.
    package static let maximumOverhead = 20
}
