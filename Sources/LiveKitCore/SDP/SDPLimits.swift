/// The bounds that keep a hostile description cheap to refuse.
enum SDPLimits {
    /// 60 video sections as a browser writes them (100 lines of 35 bytes) come to 210 KiB.
    static let maxByteCount = 256 * 1024
    /// The same 60 sections are 6,000 lines.
    static let maxLineCount = 10_000
}
