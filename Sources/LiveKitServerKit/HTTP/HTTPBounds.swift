/// Bounds of HTTP that no configuration changes.
enum HTTPBounds {
    /// Bytes of one header field; tokens stand in fields and request lines, and are the largest thing there.
    static let headerFieldBytes = 80 * 1024
    /// Bytes of all header fields.
    static let headerListBytes = 128 * 1024
    /// Number of header fields.
    static let headerFields = 200
    /// Seconds for which browsers may remember the answer to a preflight request.
    static let preflightMaximumAge = 86_400
}
