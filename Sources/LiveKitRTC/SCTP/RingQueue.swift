/// A first-in, first-out queue with access by position.
struct RingQueue<Element> {
    private var storage: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : self[0] }

    subscript(position: Int) -> Element {
        get {
            guard position >= 0, position < count, let element = storage[slot(position)] else {
                preconditionFailure("position out of range")
            }
            return element
        }
        set {
            precondition(position >= 0 && position < count, "position out of range")
            storage[slot(position)] = newValue
        }
    }

    mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[slot(count)] = element
        count += 1
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = (head + 1) % storage.count
        count -= 1
        return element
    }

    private func slot(_ position: Int) -> Int {
        let slot = head + position
        return slot < storage.count ? slot : slot - storage.count
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(8, count * 2))
        for position in 0..<count { larger.append(storage[slot(position)]) }
        larger.append(contentsOf: repeatElement(nil, count: max(8, count * 2) - count))
        storage = larger
        head = 0
    }
}
