package import LiveKitCore

/// A datagram under way, with the addresses that its headers carry at this point.
package struct SimulatedDatagram: Sendable {
    package var bytes: [UInt8]
    package var source: TransportAddress
    package var destination: TransportAddress
    /// The host that sent it.
    package let sender: SimulatedNetwork.HostID
    /// The host that it goes to, once the network knows.
    var receiver: SimulatedNetwork.HostID?
    /// How far it has come.
    var hop = Hop.uplink

    enum Hop: UInt8, Sendable { case uplink, core, downlink }

    /// With IP's and UDP's headers.
    package var ipSize: Int { bytes.count + (destination.family == .ipv4 ? 28 : 48) }
}
