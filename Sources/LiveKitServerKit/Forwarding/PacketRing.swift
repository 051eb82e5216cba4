internal import LiveKitCore

/// The newest packets of one incoming stream, decrypted, by extended sequence number: what a burst is
/// forwarded from, and what retransmissions to every subscriber are made from.
///
/// One slab, allocated with the first packet. Confined to its loop.
@safe
final class PacketRing {
    @safe
    struct Packet {
        let info: RTPPacketInfo
        let frame: VideoFrameStart
        let payload: UnsafeRawBufferPointer
    }

    private struct Slot {
        var sequence: Int64 = .min
        var info: RTPPacketInfo?
        /// Read once here rather than for each subscriber.
        var frame = VideoFrameStart()
    }

    private let capacity: Int
    private let slotSize: Int
    private let isVP8: Bool
    private var slots: [Slot]
    private let slab: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - capacity: Packets; a power of two.
    ///   - slotSize: The largest payload; longer ones are refused.
    ///   - isVP8: Whether payloads start with a VP8 descriptor.
    init(capacity: Int, slotSize: Int, isVP8: Bool = false) {
        precondition(capacity & (capacity - 1) == 0, "the ring indexes by mask")
        self.capacity = capacity
        self.slotSize = slotSize
        self.isVP8 = isVP8
        slots = Array(repeating: Slot(), count: capacity)
        unsafe slab = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        unsafe slab.deallocate()
    }

    /// Keeps a copy of the payload. `false` for one that is here already, too long, or older than the ring reaches.
    func store(_ packet: UnsafeMutableRawBufferPointer, info: RTPPacketInfo, sequence: Int64) -> Bool {
        let index = Int(truncatingIfNeeded: sequence) & (capacity - 1)
        guard info.payloadSize <= slotSize, info.payloadOffset + info.payloadSize <= packet.count,
            sequence > slots[index].sequence
        else { return false }
        let payload = unsafe UnsafeRawBufferPointer(
            rebasing: packet[info.payloadOffset..<info.payloadOffset + info.payloadSize])
        slots[index] = unsafe Slot(sequence: sequence, info: info, frame: VideoFrameStart(payload, isVP8: isVP8))
        if let source = payload.baseAddress {
            unsafe (slab + index * slotSize).copyMemory(from: source, byteCount: payload.count)
        }
        return true
    }

    func packet(_ sequence: Int64) -> Packet? {
        let index = Int(truncatingIfNeeded: sequence) & (capacity - 1)
        guard slots[index].sequence == sequence, let info = slots[index].info else { return nil }
        return unsafe Packet(
            info: info, frame: slots[index].frame,
            payload: UnsafeRawBufferPointer(start: slab + index * slotSize, count: info.payloadSize))
    }
}
