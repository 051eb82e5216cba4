package import LiveKitCore

/// Packets to one peer, one after the other: what is the same for all of them is looked up once.
///
/// For each packet, ask for a slot by ``reserve()``, build the packet in it, and give its size to one of the `send`
/// methods. The slot belongs to the connection's batch, so only one run may be open on a loop at a time.
///
/// With congestion control a packet leaves when the pacer lets it; its number in the transport and its send time are
/// written then, where the packet has the elements.
@safe
package struct OutgoingRun: ~Copyable {
    private let sender: any PacketProtector
    private let output: DatagramBatch
    private let destination: TransportAddress
    private let socket: Int
    private let control: SendControl?
    private(set) var packetCount = 0
    private(set) var byteCount = 0
    private(set) var resentPackets = 0
    private(set) var resentBytes = 0
    /// When packets were last given to the pacer.
    private(set) var queuedAt: MediaInstant?

    /// What IP and UDP add to a datagram.
    private static let overheads = (ipv4: 28, ipv6: 48)

    init(
        sender: any PacketProtector, output: DatagramBatch, destination: TransportAddress, socket: Int,
        control: SendControl?
    ) {
        self.sender = sender
        self.output = output
        self.destination = destination
        self.socket = socket
        self.control = control
    }

    /// Room to build a packet in, of leftover content.
    package func reserve() -> UnsafeMutableRawBufferPointer { unsafe output.reserve() }

    /// Sends the packet of a stream that was built in the slot that ``reserve()`` gave last, and counts it for the
    /// stream's reports; repair packets follow it where the stream is protected.
    ///
    /// - Returns: Whether it is on its way. A packet that leaves no room for SRTP's tag is not, nor one that finds too
    ///   many before it.
    @discardableResult
    package mutating func send(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, on stream: OutboundStream, timestamp: UInt32,
        payloadSize: Int, now: MediaInstant
    ) -> Bool {
        unsafe send(
            slot, count: count, of: stream, (timestamp: timestamp, payloadSize: payloadSize), kind: stream.kind,
            now: now)
    }

    /// Sends a retransmission of the stream's, as ``send(_:count:on:timestamp:payloadSize:now:)`` does.
    @discardableResult
    package mutating func resend(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, of stream: OutboundStream, now: MediaInstant
    ) -> Bool {
        if let control, !control.allowsRepair(byteCount: count + overhead, now: now) { return false }
        return unsafe send(slot, count: count, of: stream, nil, kind: .retransmission, now: now)
    }

    private mutating func send(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, of stream: OutboundStream,
        _ media: PacedPacketStore.Media?, kind: PacketClass, now: MediaInstant
    ) -> Bool {
        guard let control, control.isPacing else {
            // Sound is not numbered towards subscribers, and would be missing in what the probe is told of.
            let probe = kind == .audio ? 0 : control?.joinedCluster ?? 0
            return unsafe emit(slot, count: count, of: stream, media, madeAt: now, probeCluster: probe, now: now)
        }
        guard count + sender.profile.tagSize <= slot.count else { return false }
        queuedAt = now
        return unsafe control.queue(
            UnsafeRawBufferPointer(rebasing: slot[..<count]),
            PacedPacketStore.Packet(stream: stream, media: media, madeAt: now), kind: kind,
            byteCount: count + sender.profile.tagSize + overhead)
    }

    /// Lets a packet leave.
    @discardableResult
    mutating func emit(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, of stream: OutboundStream,
        _ media: PacedPacketStore.Media?, madeAt: MediaInstant, probeCluster: UInt16,
        now: MediaInstant
    ) -> Bool {
        guard let media else {
            let before = byteCount
            guard unsafe transmit(slot, count: count, probeCluster: probeCluster, now: now) else { return false }
            resentPackets &+= 1
            resentBytes &+= byteCount &- before
            return true
        }
        unsafe stream.correction?.protect(UnsafeRawBufferPointer(rebasing: slot[..<count]), now: now)
        guard unsafe transmit(slot, count: count, probeCluster: probeCluster, now: now) else { return false }
        // The clocks of sender reports are those of the encoder, not of the pacer.
        stream.statistics.record(timestamp: media.timestamp, payloadSize: media.payloadSize, now: madeAt)
        if let control {
            stream.pacerDelay = stream.pacerDelay + (now - madeAt)
            control.noteMedia(of: stream, byteCount: count)
        }
        if stream.correction != nil { sendCorrections(of: stream, now: now) }
        return true
    }

    /// Protects the packet in the slot and gives it to the driver.
    @discardableResult
    mutating func transmit(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, probeCluster: UInt16 = 0, now: MediaInstant
    ) -> Bool {
        guard count + sender.profile.tagSize <= slot.count else { return false }
        let number = unsafe control?.stamp(UnsafeMutableRawBufferPointer(rebasing: slot[..<count]), now: now)
        guard let size = unsafe try? sender.protect(slot, count: count) else { return false }
        output.commit(size, to: destination, socket: socket)
        packetCount &+= 1
        byteCount &+= size
        control?.noteSent(
            number, byteCount: size + overhead, probeCluster: probeCluster, now: now)
        return true
    }

    private var overhead: Int { destination.family == .ipv4 ? Self.overheads.ipv4 : Self.overheads.ipv6 }

    /// Sends the repair packets that are made.
    mutating func sendCorrections(of stream: OutboundStream, now: MediaInstant) {
        guard let correction = stream.correction else { return }
        while true {
            let slot = unsafe reserve()
            var span = unsafe MutableRawSpan(_unsafeBytes: slot)
            guard let size = correction.write(timestamp: stream.statistics.lastTimestamp, to: &span),
                unsafe transmit(slot, count: size, now: now)
            else { return }
            control?.noteRepair(byteCount: size + overhead, now: now)
        }
    }
}
