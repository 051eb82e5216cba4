internal import LiveKitCore

/// A socket in a loop, and which sessions are reached through it.
final class UDPEndpoint {
    let socket: UDPSocket
    let demux: SessionDemux
    /// Whether bursts to one address may leave as one segmented datagram; 0 once the system refused.
    var segmentation: Int32 = 1
    /// Datagrams that belonged to no session.
    var strangers = 0

    init(socket: UDPSocket, demux: SessionDemux) {
        self.socket = socket
        self.demux = demux
    }
}
