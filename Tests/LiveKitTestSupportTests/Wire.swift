import LiveKitCore
import LiveKitTestSupport

/// Two public hosts, and what arrives at the second.
struct Wire {
    static let source = TransportAddress(ipv4: 0x0A00_0001, port: 1)
    static let target = TransportAddress(ipv4: 0x0A00_0002, port: 2)

    var network: SimulatedNetwork
    let sender: SimulatedNetwork.HostID
    let receiver: SimulatedNetwork.HostID
    private(set) var arrivals: [(at: MediaInstant, number: Int, size: Int)] = []

    init(seed: UInt64, _ conditions: LinkConditions) {
        network = SimulatedNetwork(seed: seed)
        sender = network.addHost("sender", addresses: [Self.source], uplink: conditions)
        receiver = network.addHost("receiver", addresses: [Self.target])
    }

    var uplink: SimulatedNetwork.LinkID { network.uplink(of: sender) }
    var numbers: [Int] { arrivals.map(\.number) }

    /// Sends a datagram of `size` bytes that carries the number.
    mutating func send(_ number: Int, size: Int = 100) {
        var bytes = [UInt8](repeating: 0, count: max(size, 4))
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        network.send(bytes, from: sender, source: Self.source, to: Self.target)
    }

    mutating func run(until end: MediaInstant) {
        while network.now < end {
            network.advance(to: nil, end: end)
            while let delivery = network.takeDelivery() {
                let number = (0..<4).reduce(0) { $0 | Int(delivery.bytes[$1]) << (8 * $1) }
                arrivals.append((network.now, number, delivery.bytes.count))
            }
        }
    }

    /// Sends `count` datagrams at even distances, and waits for the last.
    mutating func stream(_ count: Int, every interval: MediaDuration, size: Int = 100) {
        for number in 0..<count {
            send(number, size: size)
            run(until: network.now + interval)
        }
        run(until: network.now + .seconds(10))
    }
}
