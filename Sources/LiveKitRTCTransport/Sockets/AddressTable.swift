internal import LiveKitCore

/// Addresses and the sessions that they belong to, in one flat table: one multiplication finds the place, and what
/// is looked for stands there or beside it.
///
/// Open addressing with linear probing, at most half full. The seed is secret, so that nobody can choose addresses
/// that crowd one place.
struct AddressTable {
    private struct Slot {
        var address = TransportAddress(ipv4: 0, port: 0)
        /// Below zero: free.
        var session: Int32 = -1
    }

    private static let leastCapacity = 64

    private var slots: [Slot]
    private let seed: (UInt64, UInt64)
    private(set) var count = 0

    init(seed: (UInt64, UInt64)) {
        self.seed = seed
        slots = Array(repeating: Slot(), count: Self.leastCapacity)
    }

    /// The session of an address.
    subscript(address: TransportAddress) -> Int? {
        var index = place(of: address)
        while slots[index].session >= 0 {
            if slots[index].address == address { return Int(slots[index].session) }
            index = following(index)
        }
        return nil
    }

    mutating func set(_ address: TransportAddress, session: Int) {
        if count * 2 >= slots.count { grow() }
        let index = find(address)
        if slots[index].session < 0 { count += 1 }
        slots[index] = Slot(address: address, session: Int32(truncatingIfNeeded: session))
    }

    /// Takes the address out and moves up what stood behind it, so that no gap ends a search too soon.
    mutating func remove(_ address: TransportAddress) {
        var gap = find(address)
        guard slots[gap].session >= 0 else { return }
        count -= 1
        var index = following(gap)
        while slots[index].session >= 0 {
            let home = place(of: slots[index].address)
            // Whether the gap lies between where the entry should stand and where it does, going round.
            if (index &- home) & (slots.count - 1) >= (index &- gap) & (slots.count - 1) {
                slots[gap] = slots[index]
                gap = index
            }
            index = following(index)
        }
        slots[gap] = Slot()
    }

    /// Where the address stands, or would.
    private func find(_ address: TransportAddress) -> Int {
        var index = place(of: address)
        while slots[index].session >= 0, slots[index].address != address { index = following(index) }
        return index
    }

    private func following(_ index: Int) -> Int { (index + 1) & (slots.count - 1) }

    private func place(of address: TransportAddress) -> Int {
        let left = address.low ^ seed.0
        let right = (address.high ^ seed.1) &+ UInt64(address.port) << 32
        let product = left.multipliedFullWidth(by: right | 1)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        for slot in old where slot.session >= 0 { slots[find(slot.address)] = slot }
    }
}
