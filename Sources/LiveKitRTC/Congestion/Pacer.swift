package import LiveKitCore

/// Spreads what is sent over time, so that a frame does not fill a queue on the path at once.
///
/// A leaky bucket: what leaves makes a debt that the pacing rate pays off. Packets leave together until the debt is
/// worth five milliseconds, then none until it is paid: so bursts stay small enough for the path and large
/// enough for one system call. Audio leaves at once, retransmissions go before video. A queue that would take longer
/// than ``Configuration/longestWait`` to empty is sent faster: packets that are too late help nobody.
///
/// The pacer holds no bytes. Whoever owns it asks ``poll(now:)`` for what may leave, until there is nothing, and tells
/// by ``noteSent(byteCount:now:)`` what each really took.
package struct Pacer: Sendable {
    package struct Configuration: Hashable, Sendable {
        /// How much faster than the estimate packets leave: room for frames that differ in size.
        package var factor = 2.5
        package var burst: MediaDuration = .milliseconds(5)
        package var longestWait: MediaDuration = .seconds(1)

        package init() {}
    }

    /// What may leave now.
    package enum Release: Hashable, Sendable {
        /// This packet, as part of that probe or of none (zero).
        case packet(PacedPacket, probeCluster: UInt16)
        /// About so many bytes of no use but for the probe.
        case padding(byteCount: Int, probeCluster: UInt16)
    }

    /// A debt beyond this is forgiven: it stems from a rate that is no more.
    private static let longestDebt: MediaDuration = .milliseconds(500)

    private let configuration: Configuration
    private var audio = PacedQueue(capacity: CongestionLimits.pacedAudioPackets)
    private var retransmissions = PacedQueue(capacity: CongestionLimits.pacedRetransmissions)
    private var video = PacedQueue(capacity: CongestionLimits.pacedVideoPackets)
    private var probing = ProbePacing()
    private var rate: Bitrate?
    private var debt = 0.0
    private var updatedAt = MediaInstant.start
    /// The burst is over: nothing leaves until the debt is paid.
    private var isResting = false
    /// Packets that found their queue full.
    package private(set) var refusedCount: UInt64 = 0

    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// What waits.
    package var queuedBytes: Int { audio.byteCount + retransmissions.byteCount + video.byteCount }
    package var queuedPackets: Int { audio.count + retransmissions.count + video.count }

    /// How long the oldest packet has waited.
    package func longestWait(now: MediaInstant) -> MediaDuration {
        let oldest = MediaInstant.earliest(.earliest(audio.oldest, retransmissions.oldest), video.oldest)
        return oldest.map { now - $0 } ?? .zero
    }

    /// How long what waits will take to leave.
    package func expectedWait(now: MediaInstant) -> MediaDuration {
        guard let rate, queuedBytes > 0 else { return .zero }
        return effective(rate, now: now).duration(of: queuedBytes)
    }

    /// Follows the estimate; `nil` lets everything pass.
    package mutating func setEstimate(_ estimate: Bitrate?, now: MediaInstant) {
        pay(now: now)
        rate = estimate.map { $0 * configuration.factor }
    }

    package mutating func append(_ probe: ProbeCluster) {
        probing.append(probe)
    }

    /// Queues a packet. Returns `false` where its queue is full: it will never leave.
    package mutating func enqueue(_ packet: PacedPacket, now: MediaInstant) -> Bool {
        let isTaken =
            switch packet.kind {
            case .audio: audio.append(packet, now: now)
            case .retransmission: retransmissions.append(packet, now: now)
            case .video, .padding: video.append(packet, now: now)
            }
        guard isTaken else {
            refusedCount &+= 1
            return false
        }
        if packet.kind != .audio { probing.noteMedia(byteCount: packet.byteCount) }
        return true
    }

    /// What may leave at `now`, or `nil`. Each answer is to be sent at once and told of by ``noteSent(byteCount:now:)``,
    /// or refused by ``refuse(_:)``.
    package mutating func poll(now: MediaInstant) -> Release? {
        pay(now: now)
        probing.expire(now: now)
        if let packet = audio.removeFirst() {
            // What leaves between a probe's packets is part of it, or the result would lack what it took of the path.
            return .packet(packet, probeCluster: probing.isRunning ? probing.current?.id ?? 0 : 0)
        }
        if let due = probing.dueAt, due <= now, let probe = probing.current { return release(for: probe) }
        guard !probing.isRunning else { return nil }
        guard let rate else { return takePacket().map { .packet($0, probeCluster: 0) } }
        guard !isResting else { return nil }
        if debt > 0, debt >= Double(effective(rate, now: now).byteCount(in: configuration.burst)) {
            isResting = true
            return nil
        }
        return takePacket().map { .packet($0, probeCluster: 0) }
    }

    /// So many bytes went out: what ``poll(now:)`` gave, or anything else that the path had to carry.
    package mutating func noteSent(byteCount: Int, probeCluster: UInt16 = 0, now: MediaInstant) {
        pay(now: now)
        debt += Double(byteCount)
        if let rate { debt = min(debt, Double(max(rate.byteCount(in: Self.longestDebt), byteCount))) }
        if probeCluster != 0, probing.current?.id == probeCluster { probing.noteSent(byteCount: byteCount, now: now) }
    }

    /// What ``poll(now:)`` gave cannot be sent: a packet whose bytes are gone is no harm, padding that nobody can make
    /// leaves the probe to media.
    package mutating func refuse(_ release: Release) {
        if case .padding = release { probing.refusePadding() }
    }

    /// What waits to be sent again.
    package var retransmissionBytes: Int { retransmissions.byteCount }

    /// Gives up the retransmission that waits longest.
    package mutating func dropRetransmission() -> PacedPacket? { retransmissions.removeFirst() }

    /// Forgets all that waits.
    package mutating func removeAll() {
        audio.removeAll()
        retransmissions.removeAll()
        video.removeAll()
    }

    /// When ``poll(now:)`` will have an answer.
    package var deadline: MediaInstant? {
        if !audio.isEmpty { return .start }
        let probeAt = probing.dueAt
        guard !probing.isRunning, !retransmissions.isEmpty || !video.isEmpty else { return probeAt }
        guard let rate, isResting else { return .start }
        let paid = updatedAt + effective(rate, now: updatedAt).duration(of: Int(debt.rounded(.up)))
        return .earliest(probeAt, paid)
    }

    private mutating func release(for probe: ProbeCluster) -> Release {
        if !probing.beginsWithPadding, let packet = takePacket() { return .packet(packet, probeCluster: probe.id) }
        return .padding(byteCount: probing.paddingSize, probeCluster: probe.id)
    }

    private mutating func takePacket() -> PacedPacket? {
        retransmissions.removeFirst() ?? video.removeFirst()
    }

    private mutating func pay(now: MediaInstant) {
        guard now > updatedAt else { return }
        let elapsed = now - updatedAt
        if let rate {
            debt -= Double(effective(rate, now: updatedAt).bitsPerSecond) / 8 * elapsed.seconds
        } else {
            debt = 0
        }
        updatedAt = now
        if debt <= 0.5 {
            debt = 0
            isResting = false
        }
    }

    /// The pacing rate, or what empties the queue in time if that is more.
    private func effective(_ rate: Bitrate, now: MediaInstant) -> Bitrate {
        let count = retransmissions.count + video.count
        guard count > 0 else { return rate }
        let sum = retransmissions.queuedMicroseconds &+ video.queuedMicroseconds
        let meanAge = MediaDuration.microseconds(now.nanoseconds / 1000 - sum / Int64(count))
        let left = max(configuration.longestWait - max(meanAge, .zero), .milliseconds(1))
        let needed = Bitrate(byteCount: retransmissions.byteCount + video.byteCount, over: left) ?? rate
        return max(rate, needed)
    }
}
