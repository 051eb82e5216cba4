package import LiveKitCore

/// How a ``TURNAllocation`` is set up. Timers are RFC 8489's and RFC 8656's.
package struct TURNAllocationConfiguration: Sendable {
    package var transport: TURNTransport
    package var username: String
    package var password: String
    /// The family of the relayed address.
    package var family: TransportAddress.Family = .ipv4
    /// Seconds asked for; `nil` leaves it to the server.
    package var lifetime: UInt32?
    /// Before the first retransmission over UDP; doubled each time (RFC 8489 §6.2.1).
    package var retransmission: MediaDuration = .milliseconds(500)
    /// How often a request is sent over UDP (Rc).
    package var maximumRequests = 7
    /// How long the last one is waited for, in first retransmission times (Rm).
    package var lastWait: Int64 = 16
    /// How long a stream's request is waited for (Ti).
    package var streamTimeout: MediaDuration = .milliseconds(39_500)
    /// How often the request that gives an allocation back is sent: it expires anyway.
    package var maximumFarewells = 3
    /// Data that goes out for so long without a word from the server has it asked whether it still knows us.
    package var silence: MediaDuration = .seconds(3)
    /// Between the copies of that question over UDP, so that a network that comes back is noticed soon.
    package var probeInterval: MediaDuration = .seconds(1)
    /// How often it is asked: as long as any other request.
    package var maximumProbes = 40
    /// How long a stream may leave that question unanswered: it is dead, whatever TCP hopes.
    package var streamProbeTimeout: MediaDuration = .seconds(6)
    /// Permissions and channels of peers in use are renewed so long after they were made.
    package var renewal: MediaDuration = .seconds(240)

    package init(transport: TURNTransport, username: String, password: String) {
        self.transport = transport
        self.username = username
        self.password = password
    }
}
