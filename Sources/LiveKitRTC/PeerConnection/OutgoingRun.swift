package import LiveKitCore

/// Packets to one peer, one after the other: what is the same for all of them is looked up once.
///
/// For each packet, ask for a slot by ``reserve()``, build the packet in it, and give its size to ``send(_:count:)``.
/// The slot belongs to the connection's batch, so only one run may be open on a loop at a time.
@safe
package struct OutgoingRun: ~Copyable {
    private let sender: any PacketProtector
    private let output: DatagramBatch
    private let destination: TransportAddress
    private let socket: Int
    private(set) var packetCount = 0
    private(set) var byteCount = 0

    init(sender: any PacketProtector, output: DatagramBatch, destination: TransportAddress, socket: Int) {
        self.sender = sender
        self.output = output
        self.destination = destination
        self.socket = socket
    }

    /// Room to build a packet in, of leftover content.
    package func reserve() -> UnsafeMutableRawBufferPointer { unsafe output.reserve() }

    /// Protects and sends the packet that was built in the slot that ``reserve()`` gave last.
    ///
    /// - Returns: Whether it was sent. A packet that leaves no room for SRTP's tag is not.
    @discardableResult
    package mutating func send(_ slot: UnsafeMutableRawBufferPointer, count: Int) -> Bool {
        guard count + sender.profile.tagSize <= slot.count, let size = unsafe try? sender.protect(slot, count: count)
        else { return false }
        output.commit(size, to: destination, socket: socket)
        packetCount &+= 1
        byteCount &+= size
        return true
    }

    /// Sends a packet of a stream as ``send(_:count:)`` does, and counts it for the stream's reports; repair packets follow
    /// it where the stream is protected.
    @discardableResult
    package mutating func send(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, on stream: OutboundStream, timestamp: UInt32,
        payloadSize: Int, now: MediaInstant
    ) -> Bool {
        unsafe stream.correction?.protect(UnsafeRawBufferPointer(rebasing: slot[..<count]), now: now)
        guard unsafe send(slot, count: count) else { return false }
        stream.statistics.record(timestamp: timestamp, payloadSize: payloadSize, now: now)
        if stream.correction != nil { sendCorrections(of: stream) }
        return true
    }

    /// Sends the repair packets that are made.
    mutating func sendCorrections(of stream: OutboundStream) {
        guard let correction = stream.correction else { return }
        while true {
            let slot = unsafe reserve()
            var span = unsafe MutableRawSpan(_unsafeBytes: slot)
            guard let size = correction.write(timestamp: stream.statistics.lastTimestamp, to: &span),
                unsafe send(slot, count: size)
            else { return }
        }
    }
}
