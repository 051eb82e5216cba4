package import LiveKitCore

/// Whose turn it is when there are more streams to report on than one interval has room for.
package struct ReportRotation: Sendable {
    /// The last that was reported on.
    private var last: SSRC?

    package init() {}

    /// The next `limit` of the streams, in an order that does not change; all of them where there are no more.
    package mutating func next(_ limit: Int, of streams: some Collection<SSRC>) -> [SSRC] {
        let ordered = streams.sorted { $0.rawValue < $1.rawValue }
        guard ordered.count > limit else {
            last = nil
            return ordered
        }
        let start = last.flatMap { last in ordered.firstIndex { $0.rawValue > last.rawValue } } ?? 0
        let turn = (0..<max(limit, 0)).map { ordered[(start + $0) % ordered.count] }
        last = turn.last
        return turn
    }
}
