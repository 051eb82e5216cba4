extension SDPAttributes {
    /// `mid` (RFC 5888 §4): the section's name.
    public var mid: String? {
        get { self["mid"].map { String(Substring($0).trimmed()) } }
        set { set("mid", newValue) }
    }
}
