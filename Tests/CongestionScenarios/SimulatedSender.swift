package import LiveKitCore
package import LiveKitRTC

/// A sender of video whose encoder follows the estimate, with the pacer and estimator of the engine.
///
/// The encoder makes thirty frames a second, whose sizes scatter by a fifth around the rate that it was set to. It hears
/// of a new rate each 100 ms.
package struct SimulatedSender {
    private static let frameInterval = MediaDuration(nanoseconds: 33_333_333)
    private static let rateInterval: MediaDuration = .milliseconds(100)
    private static let payload = 1100
    /// IP, UDP, RTP with its extensions, SRTP's tag.
    private static let overhead = 72

    package private(set) var estimator: SendSideBandwidthEstimator
    package private(set) var pacer = Pacer()
    package private(set) var encoderRate = Bitrate.kilobits(300)
    package private(set) var sentBytes = 0
    /// The most that the encoder makes.
    package var demand: Bitrate { didSet { demandChanged = true } }

    private let flow: Int
    private let takesFeedback: Bool
    private var demandChanged = true
    private var random: DeterministicRandom
    private var nextFrameAt: MediaInstant
    private var rateSetAt: MediaInstant?
    private var nextHandle = 1
    private var nextTransportNumber = SequenceNumber(rawValue: 65_000)
    /// The last packet of the frame that was made last.
    private var lastOfFrame = 0

    package init(
        flow: Int, demand: Bitrate, startsAt: MediaInstant, configuration: SendSideBandwidthEstimator.Configuration,
        takesFeedback: Bool, seed: UInt64
    ) {
        self.flow = flow
        self.demand = demand
        self.takesFeedback = takesFeedback
        estimator = SendSideBandwidthEstimator(configuration)
        random = DeterministicRandom(seed: seed)
        nextFrameAt = startsAt
    }

    package var deadline: MediaInstant {
        var earliest = min(nextFrameAt, pacer.deadline ?? nextFrameAt)
        earliest = min(earliest, estimator.deadline ?? nextFrameAt)
        return earliest
    }

    package mutating func receive(_ feedback: TransportFeedback, now: MediaInstant) {
        estimator.onFeedback(feedback, now: now)
        follow(now: now)
    }

    package mutating func receive(_ block: ReportBlock, now: MediaInstant) {
        estimator.onLossReport(block, now: now)
        follow(now: now)
    }

    package mutating func receive(_ remb: Bitrate, now: MediaInstant) {
        estimator.onREMB(remb, now: now)
        follow(now: now)
    }

    /// Does what is due; gives each packet that leaves to `send`.
    package mutating func advance(now: MediaInstant, send: (Bottleneck.Packet) -> Void) {
        if demandChanged {
            demandChanged = false
            estimator.setDemand(demand, now: now)
        }
        if let deadline = estimator.deadline, deadline <= now { estimator.handleTimeout(now: now) }
        follow(now: now)
        if nextFrameAt <= now { makeFrame(now: now) }
        while let release = pacer.poll(now: now) { leave(release, now: now, send: send) }
    }

    private mutating func follow(now: MediaInstant) {
        while let probe = estimator.pollProbe() { pacer.append(probe) }
        pacer.setEstimate(estimator.estimate.target, now: now)
        if let rateSetAt, now - rateSetAt < Self.rateInterval { return }
        rateSetAt = now
        encoderRate = min(estimator.estimate.target, demand)
    }

    private mutating func makeFrame(now: MediaInstant) {
        nextFrameAt = nextFrameAt + Self.frameInterval
        let scatter = Double.random(in: 0.8..<1.2, using: &random)
        // What the headers take is not the encoder's to spend.
        let budget = Int(Double(encoderRate.byteCount(in: Self.frameInterval)) * scatter)
        let packets = budget / (Self.payload + Self.overhead) + 1
        var left = max(budget - packets * Self.overhead, 60)
        while left > 0 {
            let size = min(left, Self.payload)
            left -= size
            let packet = PacedPacket(handle: nextHandle, kind: .video, byteCount: size + Self.overhead)
            lastOfFrame = nextHandle
            nextHandle += 1
            _ = pacer.enqueue(packet, now: now)
        }
    }

    private mutating func leave(_ release: Pacer.Release, now: MediaInstant, send: (Bottleneck.Packet) -> Void) {
        let (size, cluster, marker) =
            switch release {
            case .packet(let packet, let cluster): (packet.byteCount, cluster, packet.handle == lastOfFrame)
            case .padding(let size, let cluster): (min(size, 255) + Self.overhead, cluster, false)
            }
        pacer.noteSent(byteCount: size, probeCluster: cluster, now: now)
        let number = nextTransportNumber
        nextTransportNumber = number.advanced(by: 1)
        if takesFeedback { estimator.onPacketSent(number, byteCount: size, probeCluster: cluster, now: now) }
        sentBytes += size
        send(Bottleneck.Packet(flow: flow, number: number, byteCount: size, marker: marker, sentAt: now))
    }
}
