package import LiveKitCore

/// Datagrams on their way out, in memory that is allocated once.
///
/// Everything that sends on a media loop writes here: ``reserve()`` hands out the next slot,
/// ``commit(_:to:socket:)`` keeps what was written. The driver empties the batch once for each burst, so a
/// video frame's packets to one subscriber stand side by side and can leave as one segmented datagram.
/// Confined to its loop; not Sendable.
@safe
package final class DatagramBatch {
    /// One datagram: where it stands in the slab, and where it goes.
    package struct Entry {
        package let slot: Int
        package let length: Int
        package let destination: TransportAddress
        /// The driver's number for the socket that it leaves by.
        package let socket: Int
    }

    /// A slot's size in bytes: an Ethernet frame's payload, rounded up. Larger datagrams are never sent.
    package static let slotSize = 1536

    package private(set) var entries: [Entry] = []
    private let capacity: Int
    private let slab: UnsafeMutableRawPointer
    /// Called when the slab is full; must empty the batch by ``removeAll()``.
    package var flush: ((DatagramBatch) -> Void)?

    /// - Parameter capacity: slots; a full batch is flushed early, so this bounds memory, not traffic.
    package init(capacity: Int = 1024) {
        self.capacity = capacity
        unsafe slab = .allocate(byteCount: capacity * Self.slotSize, alignment: 64)
        entries.reserveCapacity(capacity)
    }

    deinit {
        unsafe slab.deallocate()
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The next free slot, ``slotSize`` bytes of leftover content.
    package func reserve() -> UnsafeMutableRawBufferPointer {
        if entries.count == capacity {
            flush?(self)
            // Without a driver that empties it the batch drops what it holds rather than grow.
            if entries.count == capacity { removeAll() }
        }
        return unsafe bytes(of: entries.count, length: Self.slotSize)
    }

    /// Keeps the first `length` bytes of the slot that ``reserve()`` gave last.
    package func commit(_ length: Int, to destination: TransportAddress, socket: Int) {
        guard length > 0, length <= Self.slotSize, entries.count < capacity else { return }
        entries.append(Entry(slot: entries.count, length: length, destination: destination, socket: socket))
    }

    /// Copies a whole datagram in. Longer ones than a slot are dropped.
    package func append(_ datagram: [UInt8], to destination: TransportAddress, socket: Int) {
        guard datagram.count <= Self.slotSize else { return }
        let target = unsafe reserve()
        unsafe target.copyBytes(from: datagram)
        commit(datagram.count, to: destination, socket: socket)
    }

    /// The bytes of a committed entry.
    package func bytes(of entry: Entry) -> UnsafeMutableRawBufferPointer {
        unsafe bytes(of: entry.slot, length: entry.length)
    }

    /// The whole slot of a committed entry, for who puts something before or behind the datagram.
    package func slot(of entry: Entry) -> UnsafeMutableRawBufferPointer {
        unsafe bytes(of: entry.slot, length: Self.slotSize)
    }

    package func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    private func bytes(of slot: Int, length: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: slab + slot * Self.slotSize, count: length)
    }
}
