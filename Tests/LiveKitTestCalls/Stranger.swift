package import LiveKitCore
package import LiveKitTestSupport

/// A socket that belongs to nobody in the call: it sends datagrams by the clock and counts what comes back.
package final class Stranger: SimulatedEndpoint {
    package let host: SimulatedNetwork.HostID
    package let port: UInt16
    private let targets: [TransportAddress]
    private let interval: MediaDuration
    /// What is sent next; the list begins again at its end.
    package var datagrams: [[UInt8]]
    package private(set) var sentCount = 0
    /// Datagrams that anybody sent here.
    package private(set) var receivedCount = 0
    private var dueAt: MediaInstant?
    private var isDue = false

    /// A socket on `host` that sends to all `targets` once in each `interval`, beginning at once.
    package init(
        host: SimulatedNetwork.HostID, port: UInt16, targets: [TransportAddress], datagrams: [[UInt8]],
        interval: MediaDuration = .milliseconds(1), now: MediaInstant
    ) {
        self.host = host
        self.port = port
        self.targets = targets
        self.datagrams = datagrams
        self.interval = interval
        dueAt = now
    }

    package func stop() { dueAt = nil }

    package var deadline: MediaInstant? { dueAt }

    package func receive(_ delivery: inout SimulatedNetwork.Delivery, now: MediaInstant) {
        if delivery.destination.port == port { receivedCount += 1 }
    }

    package func handleTimeout(now: MediaInstant) {
        guard let due = dueAt, due <= now else { return }
        dueAt = now + interval
        isDue = true
    }

    package func flush(into network: inout SimulatedNetwork) {
        guard isDue, !datagrams.isEmpty else { return }
        isDue = false
        let source = TransportAddress(ipv4: 0, port: port)
        for target in targets {
            network.send(datagrams[sentCount % datagrams.count], from: host, source: source, to: target)
        }
        sentCount += 1
    }
}
