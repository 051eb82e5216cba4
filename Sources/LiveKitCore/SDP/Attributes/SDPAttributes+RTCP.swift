extension SDPAttributes {
    /// `rtcp-mux` (RFC 5761 §5.1.1): RTP and RTCP share a port.
    public var hasRTCPMux: Bool {
        get { contains("rtcp-mux") }
        set { setFlag("rtcp-mux", newValue) }
    }

    /// `rtcp-rsize` (RFC 5506 §5): RTCP packets need not be compound.
    public var hasReducedSizeRTCP: Bool {
        get { contains("rtcp-rsize") }
        set { setFlag("rtcp-rsize", newValue) }
    }
}
