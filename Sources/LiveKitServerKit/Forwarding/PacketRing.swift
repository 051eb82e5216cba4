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
        let bytes: UnsafeRawBufferPointer

        var payload: UnsafeRawBufferPointer {
            unsafe UnsafeRawBufferPointer(
                rebasing: bytes[info.payloadOffset..<info.payloadOffset + info.payloadSize])
        }
    }

    private struct Slot {
        var sequence: Int64 = .min
        var info: RTPPacketInfo?
        var size = 0
    }

    private let capacity: Int
    private let slotSize: Int
    private var slots: [Slot]
    private let slab: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - capacity: Packets; a power of two.
    ///   - slotSize: The largest packet; longer ones are refused.
    init(capacity: Int, slotSize: Int) {
        precondition(capacity & (capacity - 1) == 0, "the ring indexes by mask")
        self.capacity = capacity
        self.slotSize = slotSize
        slots = Array(repeating: Slot(), count: capacity)
        unsafe slab = .allocate(byteCount: capacity * slotSize, alignment: 64)
    }

    deinit {
        unsafe slab.deallocate()
    }

    /// Keeps a copy. `false` for one that is here already, too long, or older than the ring reaches.
    func store(_ packet: UnsafeMutableRawBufferPointer, info: RTPPacketInfo, sequence: Int64) -> Bool {
        let index = Int(truncatingIfNeeded: sequence) & (capacity - 1)
        guard packet.count <= slotSize, sequence > slots[index].sequence,
            let source = packet.baseAddress
        else { return false }
        slots[index] = Slot(sequence: sequence, info: info, size: packet.count)
        unsafe (slab + index * slotSize).copyMemory(from: source, byteCount: packet.count)
        return true
    }

    func packet(_ sequence: Int64) -> Packet? {
        let index = Int(truncatingIfNeeded: sequence) & (capacity - 1)
        guard slots[index].sequence == sequence, let info = slots[index].info else { return nil }
        return unsafe Packet(
            info: info, bytes: UnsafeRawBufferPointer(start: slab + index * slotSize, count: slots[index].size))
    }
}
