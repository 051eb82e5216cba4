package import LiveKitCore

/// Round trips of a side that sends nothing, and so never sees its reports answered: it sends its wall clock, and the
/// sender of what it receives says how long ago that came.
///
/// - SeeAlso: [RFC 3611 §4.4, §4.5](https://www.rfc-editor.org/rfc/rfc3611#section-4.4).
package struct ReferenceTimeExchange: Sendable {
    private struct Sent: Sendable {
        var compact: UInt32
        var at: MediaInstant
    }

    private struct Heard: Sendable {
        var ssrc: SSRC
        var compact: UInt32
        var at: MediaInstant
    }

    /// A round trip above this is a stale or forged answer.
    private static let longestRoundTrip: MediaDuration = .seconds(60)

    private var sent: [Sent] = []
    /// The latest clock of each receiver, not answered yet; at most `RTPLimits.referenceTimes`.
    private var heard: [Heard] = []
    /// The latest round trip that an answer told of.
    package private(set) var roundTripTime: MediaDuration?

    package init() {}

    /// The block that asks; `wallClock` is the time at `now`.
    package mutating func ask(wallClock: NTPTimestamp, now: MediaInstant) -> ExtendedReport.Block {
        if sent.count >= RTPLimits.referenceTimes { sent.removeFirst() }
        sent.append(Sent(compact: wallClock.compact, at: now))
        return .receiverReferenceTime(wallClock)
    }

    /// Notes a receiver's clock.
    package mutating func receive(_ time: NTPTimestamp, from ssrc: SSRC, now: MediaInstant) {
        heard.removeAll { $0.ssrc == ssrc }
        if heard.count >= RTPLimits.referenceTimes { heard.removeFirst() }
        heard.append(Heard(ssrc: ssrc, compact: time.compact, at: now))
    }

    /// The block that answers all who asked since the last one; `nil` when nobody did.
    package mutating func answer(now: MediaInstant) -> ExtendedReport.Block? {
        guard !heard.isEmpty else { return nil }
        defer { heard.removeAll(keepingCapacity: true) }
        return .receiverDelays(
            heard.map { entry in
                ExtendedReport.ReceiverDelay(
                    ssrc: entry.ssrc, lastReceiverReport: entry.compact,
                    delay: ReceiveStatistics.compactSeconds(now - entry.at))
            })
    }

    /// Reads the answers; `local` is the name that we asked under.
    package mutating func receive(_ delays: [ExtendedReport.ReceiverDelay], local: SSRC, now: MediaInstant) {
        for delay in delays where delay.ssrc == local && delay.lastReceiverReport != 0 {
            guard let asked = sent.last(where: { $0.compact == delay.lastReceiverReport }) else { continue }
            let held = MediaDuration(nanoseconds: Int64(delay.delay) * 1_000_000_000 / 65_536)
            let measured = now - asked.at - held
            guard measured <= Self.longestRoundTrip, measured >= .zero - .milliseconds(10) else { continue }
            roundTripTime = max(measured, .milliseconds(1))
        }
    }
}
