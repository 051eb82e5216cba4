package import LiveKitCore

/// Whatever stands on a host of a simulated network and is driven by datagrams and time.
package protocol SimulatedEndpoint: AnyObject {
    var host: SimulatedNetwork.HostID { get }
    /// When ``handleTimeout(now:)`` wants to be called.
    var deadline: MediaInstant? { get }
    /// Takes a datagram; the bytes may be changed in place.
    func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant)
    func handleTimeout(now: MediaInstant)
    /// Sends what it has to send.
    func flush(into network: inout SimulatedNetwork)
}

/// Drives endpoints over a network: delivers what arrives, calls what is due, and jumps over the time between.
package final class Simulation {
    package var network: SimulatedNetwork
    private var endpoints: [any SimulatedEndpoint] = []
    /// Told of the time before anything is called with it.
    package var onTime: ((MediaInstant) -> Void)?
    /// Sees each datagram before it is delivered; may change it, and says whether it is.
    package var filter: ((inout SimulatedNetwork.Delivery) -> Bool)?

    /// Timeouts at one instant after which an endpoint is taken to be caught in a loop.
    private static let timeoutsAtOnce = 10_000

    package init(_ network: SimulatedNetwork) {
        self.network = network
    }

    package var now: MediaInstant { network.now }

    package func add(_ endpoint: some SimulatedEndpoint) {
        endpoints.append(endpoint)
    }

    package func remove(_ endpoint: some SimulatedEndpoint) {
        endpoints.removeAll { $0 === endpoint }
    }

    /// Runs until the condition holds or the time is over.
    ///
    /// - Returns: Whether the condition holds.
    @discardableResult
    package func run(for duration: MediaDuration, until condition: () -> Bool = { false }) -> Bool {
        let end = now + duration
        var timeouts = 0
        flush()
        while now < end {
            if condition() { return true }
            let before = now
            var deadline: MediaInstant?
            for endpoint in endpoints { deadline = .earliest(deadline, endpoint.deadline) }
            network.advance(to: deadline, end: end)
            onTime?(now)
            deliverArrivals()
            for endpoint in endpoints where endpoint.deadline.map({ $0 <= now }) ?? false {
                endpoint.handleTimeout(now: now)
                endpoint.flush(into: &network)
                timeouts += 1
            }
            if now > before { timeouts = 0 }
            precondition(timeouts < Self.timeoutsAtOnce, "an endpoint's deadline does not move on")
        }
        return condition()
    }

    /// Sends what endpoints were made to say by calls from outside.
    package func flush() {
        for endpoint in endpoints { endpoint.flush(into: &network) }
    }

    private func deliverArrivals() {
        while var delivery = network.takeDelivery() {
            if let filter, !filter(&delivery) { continue }
            for endpoint in endpoints where endpoint.host == delivery.host {
                endpoint.receive(&delivery, now: now)
                endpoint.flush(into: &network)
            }
        }
    }
}
