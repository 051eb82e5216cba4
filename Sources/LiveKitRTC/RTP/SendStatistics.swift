package import LiveKitCore

/// Counts what is sent on one stream, makes its sender reports, and reads what receivers report about it.
///
/// The round trip is measured on the monotonic timeline: wall-clock time only stands in the reports, so a clock that
/// jumps disturbs nothing.
///
/// - SeeAlso: [RFC 3550 §6.4.1](https://www.rfc-editor.org/rfc/rfc3550#section-6.4.1).
package struct SendStatistics: Sendable {
    private struct SentReport: Sendable {
        var compact: UInt32
        var at: MediaInstant
    }

    /// Reports that may still be answered: two minutes of them at the usual pace.
    private static let rememberedReports = 32
    /// A round trip above this is a stale or forged report.
    private static let longestRoundTrip: MediaDuration = .seconds(60)

    package let ssrc: SSRC
    private let clockRate: Int64
    private var lastPacket: (timestamp: UInt32, at: MediaInstant)?
    private var sentReports: [SentReport] = []
    private var nextReport = 0
    package private(set) var packetCount: UInt64 = 0
    package private(set) var octetCount: UInt64 = 0
    /// The latest round trip that a report block told of.
    package private(set) var roundTripTime: MediaDuration?
    /// The latest report block about the stream.
    package private(set) var lastReportBlock: ReportBlock?

    package init(ssrc: SSRC, clockRate: UInt32) {
        self.ssrc = ssrc
        self.clockRate = Int64(clockRate)
        sentReports.reserveCapacity(Self.rememberedReports)
    }

    /// The share of packets lost in the latest report, 0...1.
    package var lossFraction: Double { Double(lastReportBlock?.fractionLost ?? 0) / 256 }

    /// The newest packet's timestamp; zero before the first.
    package var lastTimestamp: UInt32 { lastPacket?.timestamp ?? 0 }

    package mutating func record(timestamp: UInt32, payloadSize: Int, now: MediaInstant) {
        packetCount &+= 1
        octetCount &+= UInt64(clamping: payloadSize)
        // A packet that comes late must not take the clock back.
        if let last = lastPacket, Int32(bitPattern: timestamp &- last.timestamp) <= 0 { return }
        lastPacket = (timestamp, now)
    }

    /// The report to send now, `wallClock` being the time at `now`; `nil` before the first packet. The RTP timestamp
    /// is the one that a packet made now would carry.
    package mutating func senderReport(
        wallClock: NTPTimestamp, now: MediaInstant, reports: [ReportBlock] = []
    ) -> SenderReport? {
        guard let lastPacket else { return nil }
        remember(SentReport(compact: wallClock.compact, at: now))
        let (seconds, rest) = (now - lastPacket.at).nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let elapsed = seconds &* clockRate &+ rest &* clockRate / 1_000_000_000
        return SenderReport(
            sender: ssrc, timestamp: wallClock,
            rtpTimestamp: lastPacket.timestamp &+ UInt32(truncatingIfNeeded: elapsed),
            packetCount: UInt32(truncatingIfNeeded: packetCount), octetCount: UInt32(truncatingIfNeeded: octetCount),
            reports: reports)
    }

    /// Reads a receiver's block about this stream; blocks about others are ignored.
    package mutating func receive(_ block: ReportBlock, now: MediaInstant) {
        guard block.ssrc == ssrc else { return }
        lastReportBlock = block
        guard block.lastSenderReport != 0, let sent = sentReports.first(where: { $0.compact == block.lastSenderReport })
        else { return }
        let delay = MediaDuration(nanoseconds: Int64(block.delaySinceLastSenderReport) * 1_000_000_000 / 65_536)
        let measured = now - sent.at - delay
        guard measured <= Self.longestRoundTrip, measured >= .zero - .milliseconds(10) else { return }
        roundTripTime = max(measured, .milliseconds(1))
    }

    private mutating func remember(_ report: SentReport) {
        if sentReports.count < Self.rememberedReports {
            sentReports.append(report)
        } else {
            sentReports[nextReport] = report
            nextReport = (nextReport + 1) % Self.rememberedReports
        }
    }
}
