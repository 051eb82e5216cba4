internal import LiveKitCore

/// A socket in a loop, and which sessions are reached through it.
final class UDPEndpoint {
    let socket: UDPSocket
    var demux = SessionDemux()
    /// Datagrams that belonged to no session.
    var strangers = 0

    init(socket: UDPSocket) {
        self.socket = socket
    }
}
