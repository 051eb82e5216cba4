internal import LiveKitCore

/// Congestion control of what one connection sends: it numbers packets as they leave, spaces them, and learns from the
/// receiver's feedback how much may leave.
///
/// It joins the machines of `Congestion` with the bytes that wait; ``PeerConnection`` encrypts and sends.
///
/// ```
///  OutgoingRun ─► PacedPacketStore, Pacer ─► stamp ─► SRTP ─► noteSent ─► SendSideBandwidthEstimator ◄─ RTCP
///                          ▲                                                        │
///                          └───────────────────── estimate, probes ◄────────────────┴─► SendAllowance
/// ```
final class SendControl {
    /// What ``stamp(_:now:)`` writes, by the ids that the sending sections agreed on; zero for none. In one bundle an id
    /// means one thing (RFC 8843 §9.2).
    private struct ExtensionIDs {
        var transportSequence: UInt8 = 0
        var absoluteSendTime: UInt8 = 0
    }

    /// A queue this long makes encoders pause, until it is down to the shorter one.
    private static let longWait: MediaDuration = .milliseconds(250)
    private static let shortWait: MediaDuration = .milliseconds(100)

    /// Encoders hear of a new rate at most this often, unless it fell below this share of the one before.
    private static let tellingInterval: MediaDuration = .milliseconds(100)
    private static let urgentShare = 0.95

    private(set) var estimator: SendSideBandwidthEstimator
    private var pacer: Pacer?
    private let store: PacedPacketStore?
    /// The probes of a connection without a pacer.
    private var probing: ProbePacing?
    private var ids = ExtensionIDs()
    private var nextNumber = SequenceNumber(rawValue: 1)
    private var repair = RecentBitrate()
    /// Retransmissions that were not made because there were too many.
    private(set) var refusedRepairs: UInt64 = 0
    private var isBacklogged = false
    private var reported: (allowance: SendAllowance, at: MediaInstant)?
    private var path: ICEPath?
    /// The stream that probes are made of: the last that sent pictures and can make some.
    private weak var probed: OutboundStream?
    /// Its SSRC: saves looking at the stream for each packet.
    private var probedSSRC = SSRC(rawValue: 0)
    /// Packets that were refused because too many wait.
    var refusedCount: UInt64 { pacer?.refusedCount ?? 0 }

    init(_ configuration: CongestionControlConfiguration) {
        estimator = SendSideBandwidthEstimator(configuration.estimator)
        pacer = configuration.pacer.map { Pacer($0) }
        store = configuration.pacer == nil ? nil : PacedPacketStore()
        probing = configuration.pacer == nil ? ProbePacing() : nil
        pacer?.setEstimate(estimator.estimate.target, now: .start)
    }

    var isPacing: Bool { pacer != nil }
    /// Whether packets are numbered for the receiver's feedback.
    var isNumbering: Bool { ids.transportSequence > 0 }

    func deadline(canSend: Bool) -> MediaInstant? {
        .earliest(estimator.deadline, canSend ? pacer?.deadline ?? probing?.dueAt : nil)
    }

    // MARK: Set-up

    func update(_ session: NegotiatedSession) {
        ids = ExtensionIDs()
        for section in session.sections where !section.isRejected && section.direction.sends {
            for mapping in section.extensions {
                switch mapping.uri {
                case RTPHeaderExtensionURI.transportSequenceNumber:
                    // Without feedback a number would only make silence look like a path that carries nothing.
                    guard section.codecs.contains(where: { $0.feedback.contains("transport-cc") }) else { continue }
                    ids.transportSequence = mapping.id
                case RTPHeaderExtensionURI.absoluteSendTime: ids.absoluteSendTime = mapping.id
                default: break
                }
            }
        }
    }

    /// What the section's packets carry for the receiver's estimate, or for ours: a number where that was agreed on for
    /// any section, else the time.
    func element(in section: NegotiatedSection) -> NumberElement {
        let uri =
            isNumbering ? RTPHeaderExtensionURI.transportSequenceNumber : RTPHeaderExtensionURI.absoluteSendTime
        guard let id = section.extensions.first(where: { $0.uri == uri })?.id else { return .none }
        return isNumbering ? NumberElement(id: id) : NumberElement(timeID: id)
    }

    /// Another path carries another amount.
    func select(_ path: ICEPath?, now: MediaInstant) {
        guard let path, path != self.path else { return }
        if self.path != nil {
            estimator.restart(now: now)
            follow(now: now)
        }
        self.path = path
    }

    /// Forgets what waits: its keys are gone.
    func removeAll() {
        pacer?.removeAll()
        store?.removeAll()
    }

    // MARK: Packets on their way out

    /// Lets a packet wait for its turn; `byteCount` is what it will take of the path.
    func queue(
        _ bytes: UnsafeRawBufferPointer, _ packet: PacedPacketStore.Packet, kind: PacketClass, byteCount: Int
    ) -> Bool {
        guard let store, let handle = unsafe store.insert(bytes, packet) else { return false }
        let waiting = PacedPacket(handle: handle, kind: kind, byteCount: byteCount)
        if pacer?.enqueue(waiting, now: packet.madeAt) ?? false { return true }
        store.discard(handle)
        return false
    }

    /// Whether ``poll(now:)`` may have something.
    func mayRelease(now: MediaInstant) -> Bool {
        pacer != nil || probing?.dueAt.map { $0 <= now } ?? false
    }

    func poll(now: MediaInstant) -> Pacer.Release? {
        if pacer != nil { return pacer?.poll(now: now) }
        probing?.expire(now: now)
        guard let probing, let due = probing.dueAt, due <= now, let probe = probing.current else { return nil }
        return .padding(byteCount: probing.paddingSize, probeCluster: probe.id)
    }

    func refuse(_ release: Pacer.Release) {
        pacer?.refuse(release)
        if case .padding = release { probing?.refusePadding() }
    }

    /// The probe that a packet belongs to which leaves without a pacer.
    var joinedCluster: UInt16 { probing?.joinedCluster ?? 0 }

    func take(
        _ packet: PacedPacket, into slot: UnsafeMutableRawBufferPointer
    ) -> (packet: PacedPacketStore.Packet, size: Int)? {
        unsafe store?.take(packet.handle, into: slot)
    }

    /// Writes a packet of no use but for a probe.
    func writeProbe(byteCount: Int, into slot: UnsafeMutableRawBufferPointer, now: MediaInstant) -> Int? {
        unsafe probed?.probeSource?.writeProbePacket(byteCount: byteCount, into: slot, now: now)
    }

    /// Writes what is known only when a packet leaves: its number in the transport and the time, where the packet has
    /// room for them. Returns the number.
    func stamp(_ packet: UnsafeMutableRawBufferPointer, now: MediaInstant) -> SequenceNumber? {
        guard ids.transportSequence > 0 || ids.absoluteSendTime > 0 else { return nil }
        var span = unsafe MutableRawSpan(_unsafeBytes: packet)
        if NumberElement(id: ids.transportSequence).isAlone(in: span.bytes) {
            return writeNumber(at: NumberElement.valueOffset, in: &span)
        }
        guard let info = try? RTPPacketInfo(parsing: span.bytes) else { return nil }
        if ids.absoluteSendTime > 0, let range = info.extensionRange(id: ids.absoluteSendTime, in: span.bytes),
            range.size == 3
        {
            let time = AbsoluteSendTime(now).rawValue
            span.store(networkInteger: UInt8(truncatingIfNeeded: time >> 16), at: range.offset)
            span.store(networkInteger: UInt16(truncatingIfNeeded: time), at: range.offset + 1)
        }
        guard ids.transportSequence > 0, let range = info.extensionRange(id: ids.transportSequence, in: span.bytes),
            range.size >= 2
        else { return nil }
        return writeNumber(at: range.offset, in: &span)
    }

    private func writeNumber(at offset: Int, in span: inout MutableRawSpan) -> SequenceNumber {
        let number = nextNumber
        nextNumber = number.advanced(by: 1)
        span.store(networkInteger: number.rawValue, at: offset)
        return number
    }

    /// A packet left; `byteCount` is what it takes of the path.
    func noteSent(
        _ number: SequenceNumber?, byteCount: Int, probeCluster: UInt16, now: MediaInstant
    ) {
        pacer?.noteSent(byteCount: byteCount, probeCluster: probeCluster, now: now)
        if probeCluster != 0, probing?.current?.id == probeCluster { probing?.noteSent(byteCount: byteCount, now: now) }
        guard let number else { return }
        estimator.onPacketSent(number, byteCount: byteCount, probeCluster: probeCluster, now: now)
    }

    /// Whether a packet may be sent again. Where much is lost because too much is sent, what is lost must not be sent
    /// once more on top: so repairs have half of the estimate, as libwebrtc limits them, and the rest is not repaired.
    func allowsRepair(byteCount: Int, now: MediaInstant) -> Bool {
        guard repair.rate(now: now) <= estimator.estimate.target * SendAllowance.repairShare else {
            refusedRepairs &+= 1
            return false
        }
        repair.note(byteCount: byteCount, now: now)
        return true
    }

    /// Repair packets were made (FlexFEC), whose share is their maker's to keep.
    func noteRepair(byteCount: Int, now: MediaInstant) {
        repair.note(byteCount: byteCount, now: now)
    }

    func noteMedia(of stream: OutboundStream, byteCount: Int) {
        guard stream.kind == .video else { return }
        probing?.noteMedia(byteCount: byteCount)
        guard stream.ssrc != probedSSRC, stream.probeSource != nil else { return }
        probed = stream
        probedSSRC = stream.ssrc
    }

    // MARK: Feedback

    func receive(_ feedback: TransportFeedback, now: MediaInstant) {
        estimator.onFeedback(feedback, now: now)
        follow(now: now)
    }

    func receive(_ block: ReportBlock, roundTripTime: MediaDuration?, now: MediaInstant) {
        if let roundTripTime { estimator.onRoundTrip(roundTripTime) }
        estimator.onLossReport(block, now: now)
        follow(now: now)
    }

    func receive(_ estimate: ReceiverEstimatedMaximumBitrate, now: MediaInstant) {
        estimator.onREMB(Bitrate(bitsPerSecond: Int64(clamping: estimate.bitrate)), now: now)
        follow(now: now)
    }

    func setDemand(_ demand: Bitrate?, now: MediaInstant) {
        estimator.setDemand(demand, now: now)
        follow(now: now)
    }

    func handleTimeout(now: MediaInstant) {
        guard let due = estimator.deadline, due <= now else { return }
        estimator.handleTimeout(now: now)
        follow(now: now)
    }

    /// Lets the pacer follow the estimate.
    func follow(now: MediaInstant) {
        while let probe = estimator.pollProbe() {
            pacer?.append(probe)
            probing?.append(probe)
        }
        guard pacer != nil else { return }
        pacer?.setEstimate(estimator.estimate.target, now: now)
        // What was asked for while the path carried more is too much now.
        let most = (estimator.estimate.target * SendAllowance.repairShare).byteCount(in: RecentBitrate.window)
        while pacer?.retransmissionBytes ?? 0 > most, let packet = pacer?.dropRetransmission() {
            store?.discard(packet.handle)
            refusedRepairs &+= 1
        }
    }

    // MARK: The outcome

    func allowance(now: MediaInstant) -> SendAllowance {
        let wait = pacer?.expectedWait(now: now) ?? .zero
        isBacklogged = wait > (isBacklogged ? Self.shortWait : Self.longWait)
        return SendAllowance(
            estimate: estimator.estimate, repair: repair.rate(now: now), isBacklogged: isBacklogged)
    }

    /// The allowance, if it is worth telling since the last time.
    func pollAllowance(now: MediaInstant) -> SendAllowance? {
        let next = allowance(now: now)
        if let (last, at) = reported, last.isBacklogged == next.isBacklogged {
            guard last.media != next.media else { return nil }
            guard now - at >= Self.tellingInterval || next.media < last.media * Self.urgentShare else { return nil }
        }
        reported = (next, now)
        return next
    }
}
