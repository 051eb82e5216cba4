import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Simulation: endpoints over a network")
struct SimulationTests {
    /// Sends a number back one higher, and once a second a zero to its peer.
    final class Counter: SimulatedEndpoint {
        let host: SimulatedNetwork.HostID
        let own: TransportAddress
        let peer: TransportAddress
        private(set) var deadline: MediaInstant?
        private(set) var seen: [UInt8] = []
        private var outgoing: [UInt8] = []

        init(host: SimulatedNetwork.HostID, own: TransportAddress, peer: TransportAddress, begins: Bool) {
            self.host = host
            self.own = own
            self.peer = peer
            deadline = begins ? .start : nil
        }

        func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
            guard let number = delivery.bytes.first else { return }
            seen.append(number)
            if number < 3 { outgoing.append(number + 1) }
        }

        func handleTimeout(now: MediaInstant) {
            outgoing.append(0)
            deadline = now + .seconds(1)
        }

        func flush(into network: inout SimulatedNetwork) {
            for number in outgoing { network.send([number], from: host, source: own, to: peer) }
            outgoing.removeAll()
        }
    }

    private func pair() -> (Simulation, Counter, Counter) {
        let addresses = [TransportAddress(ipv4: 1, port: 1), TransportAddress(ipv4: 2, port: 2)]
        var network = SimulatedNetwork(seed: 1)
        let hosts = addresses.map {
            network.addHost("", addresses: [$0], uplink: LinkConditions(delay: .milliseconds(100)))
        }
        let left = Counter(host: hosts[0], own: addresses[0], peer: addresses[1], begins: true)
        let right = Counter(host: hosts[1], own: addresses[1], peer: addresses[0], begins: false)
        let simulation = Simulation(network)
        simulation.add(left)
        simulation.add(right)
        return (simulation, left, right)
    }

    @Test("Datagrams and timeouts come in order, and time ends where it was told to")
    func runs() {
        let (simulation, left, right) = pair()
        var times: [MediaInstant] = []
        simulation.onTime = { times.append($0) }
        simulation.run(for: .milliseconds(2500))
        #expect(simulation.now == .start + .milliseconds(2500))
        #expect(right.seen == [0, 2, 0, 2, 0, 2])
        #expect(left.seen == [1, 3, 1, 3, 1, 3])
        #expect(times == times.sorted())
    }

    @Test("A condition ends the run, and a filter may change or drop")
    func stopsAndFilters() {
        let (simulation, left, right) = pair()
        simulation.filter = { delivery in
            guard delivery.host == left.host else { return true }
            return false
        }
        #expect(simulation.run(for: .seconds(60)) { right.seen.count == 3 })
        #expect(simulation.now == .start + .milliseconds(2100))
        #expect(left.seen.isEmpty)
        #expect(!simulation.run(for: .seconds(1)) { left.seen.count == 1 })
    }
}
