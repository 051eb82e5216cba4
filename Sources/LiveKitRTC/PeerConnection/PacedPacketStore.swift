internal import LiveKitCore

/// The bytes of packets that wait in a pacer, not yet encrypted, in memory that is allocated once.
///
/// Freed slots are used again first, so that a short queue stays in the processor's cache and a large store costs no
/// memory that was never needed.
@safe
final class PacedPacketStore {
    /// What a stream's reports need to know of a packet.
    typealias Media = (timestamp: UInt32, payloadSize: Int)

    /// What is to be known of a packet when it leaves.
    struct Packet {
        /// The stream that it belongs to, or repairs.
        var stream: OutboundStream
        /// `nil` for retransmissions.
        var media: Media?
        var madeAt: MediaInstant
    }

    private struct Slot {
        var packet: Packet?
        var size = 0
    }

    private let slab: UnsafeMutableRawPointer
    private var slots: [Slot]
    private var free: [Int]

    init(capacity: Int = CongestionLimits.pacedPackets) {
        unsafe slab = .allocate(byteCount: capacity * DatagramBatch.slotSize, alignment: 64)
        slots = Array(repeating: Slot(), count: capacity)
        free = Array((0..<capacity).reversed())
    }

    deinit {
        unsafe slab.deallocate()
    }

    /// Keeps a copy. Returns what to find it by, or `nil` where it is too large or nothing is free.
    func insert(_ bytes: UnsafeRawBufferPointer, _ packet: Packet) -> Int? {
        guard let source = bytes.baseAddress, bytes.count <= DatagramBatch.slotSize, let handle = free.popLast()
        else { return nil }
        unsafe (slab + handle * DatagramBatch.slotSize).copyMemory(from: source, byteCount: bytes.count)
        slots[handle] = Slot(packet: packet, size: bytes.count)
        return handle
    }

    /// Moves a packet's bytes into `target` and forgets it.
    func take(_ handle: Int, into target: UnsafeMutableRawBufferPointer) -> (packet: Packet, size: Int)? {
        guard slots.indices.contains(handle), let packet = slots[handle].packet else { return nil }
        let size = slots[handle].size
        discard(handle)
        guard let start = target.baseAddress, size <= target.count else { return nil }
        unsafe start.copyMemory(from: slab + handle * DatagramBatch.slotSize, byteCount: size)
        return (packet, size)
    }

    func discard(_ handle: Int) {
        guard slots.indices.contains(handle), slots[handle].packet != nil else { return }
        slots[handle].packet = nil
        free.append(handle)
    }

    func removeAll() {
        for handle in slots.indices { discard(handle) }
    }
}
