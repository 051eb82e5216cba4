extension SDPAttributes {
    /// The values of `candidate` (RFC 8839 §5.1) as text: ICE reads them.
    public var candidates: [String] { values(of: "candidate") }

    /// `end-of-candidates` (RFC 8840 §8.1): no more will trickle in.
    public var hasEndOfCandidates: Bool {
        get { contains("end-of-candidates") }
        set { setFlag("end-of-candidates", newValue) }
    }
}
