extension SDPAttributes {
    /// `sctp-port` (RFC 8841 §5).
    public var sctpPort: UInt16? {
        get { self["sctp-port"].flatMap { UInt16(Substring($0).trimmed()) } }
        set { set("sctp-port", newValue.map { String($0) }) }
    }

    /// `max-message-size` (RFC 8841 §6): the largest message that the author takes; 0 for any.
    public var maxMessageSize: UInt64? {
        get { self["max-message-size"].flatMap { UInt64(Substring($0).trimmed()) } }
        set { set("max-message-size", newValue.map { String($0) }) }
    }
}
