/// A synchronization source identifier (RFC 3550 §3): which RTP stream, within one session.
public struct SSRC: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The identifier as it stands in the header.
    public var rawValue: UInt32

    /// Wraps the identifier as it stands in the header.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The identifier in decimal, as SDP writes it.
    public var description: String { String(rawValue) }
}
