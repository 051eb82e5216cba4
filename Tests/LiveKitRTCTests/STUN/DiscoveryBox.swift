import LiveKitCore
import LiveKitRTC

/// A machine in a class: noncopyable values cannot pass through `#expect`.
final class DiscoveryBox {
    private var discovery: STUNDiscovery

    init(_ servers: [TransportAddress], seed: UInt64) {
        discovery = STUNDiscovery(servers: servers, random: DeterministicRandom(seed: seed))
        discovery.start(now: .start)
    }

    var isFinished: Bool { discovery.isFinished }
    var deadline: MediaInstant? { discovery.deadline }
    var mapping: STUNDiscovery.Mapping { discovery.mapping }
    var mappedAddress: TransportAddress? { discovery.mappedAddress }

    func add(_ servers: [TransportAddress]) {
        discovery.add(servers)
    }

    func start(now: MediaInstant) {
        discovery.start(now: now)
    }

    func handleTimeout(now: MediaInstant) {
        discovery.handleTimeout(now: now)
    }

    func receive(_ bytes: [UInt8], from source: TransportAddress, now: MediaInstant = .start) -> Bool {
        discovery.receive(bytes.rawSpan, from: source, now: now)
    }

    func pollTransmit() -> (bytes: [UInt8], server: TransportAddress)? { discovery.pollTransmit() }
    func pollEvent() -> STUNDiscovery.Event? { discovery.pollEvent() }
}
