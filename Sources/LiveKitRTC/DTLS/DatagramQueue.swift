/// Datagrams in order, up to a bound; more are dropped at the tail and counted.
struct DatagramQueue {
    private var items: [[UInt8]] = []
    private var head = 0
    private let capacity: Int
    private(set) var dropped = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { items.count - head }

    mutating func append(_ datagram: [UInt8]) {
        guard count < capacity else {
            dropped &+= 1
            return
        }
        items.append(datagram)
    }

    mutating func take() -> [UInt8]? {
        guard head < items.count else { return nil }
        let datagram = items[head]
        items[head] = []
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: head <= 8)
            head = 0
        } else if head >= capacity {
            items.removeFirst(head)
            head = 0
        }
        return datagram
    }
}
