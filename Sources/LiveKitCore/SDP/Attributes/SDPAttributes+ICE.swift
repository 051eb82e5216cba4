extension SDPAttributes {
    /// `ice-ufrag` (RFC 8839 §5.4).
    public var iceUfrag: String? {
        get { self["ice-ufrag"] }
        set { set("ice-ufrag", newValue) }
    }

    /// `ice-pwd` (RFC 8839 §5.4).
    public var icePassword: String? {
        get { self["ice-pwd"] }
        set { set("ice-pwd", newValue) }
    }

    /// The tags of `ice-options` (RFC 8839 §5.6): `trickle`, `ice2`, `renomination`, ...
    public var iceOptions: [String] {
        get { values(of: "ice-options").flatMap { Substring($0).fields() }.map(String.init) }
        set { set("ice-options", newValue.isEmpty ? nil : newValue.joined(separator: " ")) }
    }

    /// `ice-lite` (RFC 8839 §5.3), a session's flag.
    public var isICELite: Bool {
        get { contains("ice-lite") }
        set { setFlag("ice-lite", newValue) }
    }
}
