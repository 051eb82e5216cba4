package import LiveKitCore

/// Makes the repair packets of one stream.
///
/// Packets gather in a group; at the end of a picture the group is closed when it has earned a repair packet, or when it
/// is large or old. Repair packet *i* of *n* protects each *n*-th packet from the *i*-th on, so that a burst of *n*
/// losses hits each of them once.
///
/// - SeeAlso: draft-ietf-payload-flexible-fec-scheme-03 §6.2.
package struct FlexFECSender: ~Copyable {
    package struct Configuration: Hashable, Sendable {
        /// Repair packets for each 256 media packets.
        package var protectionFactor: Int
        /// How long a group may wait for its repair packets. One that time closes gets one repair packet, whatever it
        /// has earned.
        package var maximumAge: MediaDuration = .milliseconds(100)

        package init(protectionFactor: Int = 51) {
            self.protectionFactor = min(max(protectionFactor, 0), 256)
        }
    }

    package let protected: SSRC
    package var configuration: Configuration
    /// What is written after protection.
    package var mutableExtensions: FlexFECMutableExtensions
    /// The packets of the group, cleared.
    private var group: [[UInt8]] = []
    /// The number of the group's first packet; the others follow one another, gaps included.
    private var base = SequenceNumber(rawValue: 0)
    private var offsets: [Int] = []
    private var groupStart = MediaInstant.start
    /// What the packets so far have earned, in 1/256 of a repair packet; below zero after a group that time closed.
    private var earned = 0
    private var finished: [[UInt8]] = []
    package private(set) var protectedCount: UInt64 = 0
    package private(set) var repairCount: UInt64 = 0

    package init(
        protected: SSRC, configuration: Configuration = Configuration(),
        mutableExtensions: FlexFECMutableExtensions = FlexFECMutableExtensions()
    ) {
        self.protected = protected
        self.configuration = configuration
        self.mutableExtensions = mutableExtensions
    }

    /// When ``handleTimeout(now:)`` closes the group.
    package var deadline: MediaInstant? {
        group.isEmpty || configuration.protectionFactor == 0 ? nil : groupStart + configuration.maximumAge
    }

    package mutating func handleTimeout(now: MediaInstant) {
        guard let deadline, deadline <= now else { return }
        close(atLeast: 1)
    }

    /// Notes a media packet as it is about to be sent, before encryption.
    package mutating func protect(_ packet: RawSpan, info: RTPPacketInfo, now: MediaInstant) {
        guard configuration.protectionFactor > 0, info.ssrc == protected, packet.byteCount <= RTPLimits.packetSize
        else { return }
        if !group.isEmpty {
            let offset = base.distance(to: info.sequenceNumber)
            // What is sent out of order, or after a jump, begins a group of its own.
            if offset <= (offsets.last ?? 0) || offset >= FlexFECMask.capacity { close(atLeast: 0) }
        }
        if group.isEmpty {
            base = info.sequenceNumber
            groupStart = now
        }
        offsets.append(base.distance(to: info.sequenceNumber))
        group.append(mutableExtensions.cleared(packet, info: info))
        protectedCount &+= 1
        let isOld = now - groupStart >= configuration.maximumAge
        let isPaid = earned + group.count * configuration.protectionFactor >= 256
        if group.count >= RTPLimits.flexFECGroup {
            close(atLeast: 1)
        } else if info.marker, isPaid || isOld {
            close(atLeast: 1)
        }
    }

    /// The payload of the next repair packet.
    package mutating func poll() -> [UInt8]? {
        finished.isEmpty ? nil : finished.removeFirst()
    }

    private mutating func close(atLeast least: Int) {
        earned += group.count * configuration.protectionFactor
        let count = min(max(earned / 256, least), group.count)
        // A debt is forgiven soon: it comes from streams of few packets, which cannot pay it back.
        earned = max(earned - count * 256, -256)
        for index in 0..<count { finished.append(repair(index, of: count)) }
        repairCount &+= UInt64(count)
        group.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        if finished.count > RTPLimits.flexFECRepairs {
            finished.removeFirst(finished.count - RTPLimits.flexFECRepairs)
        }
    }

    private func repair(_ index: Int, of count: Int) -> [UInt8] {
        var parity = FlexFECParity()
        var mask = FlexFECMask()
        for position in stride(from: index, to: group.count, by: count) {
            let packet = group[position]
            parity.add(packet.rawSpan)
            mask.insert(offsets[position])
        }
        let header = FlexFECHeader(
            flagsRecovery: parity.flags, lengthRecovery: parity.length, timestampRecovery: parity.timestamp,
            protected: protected, base: base, mask: mask)
        var writer = ByteWriter(capacity: header.encodedSize + parity.body.count)
        header.write(to: &writer)
        writer.write(bytes: parity.body)
        return writer.bytes
    }
}
