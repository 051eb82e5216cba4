internal import LiveKitCore

/// The driver's numbers of the sockets that a connection's datagrams leave by.
///
/// UDP has one socket, or one for each family. Connections over TCP come and go, and are known by the peer's address;
/// TURN allocations by the number that their candidates carry.
package struct PeerSockets: Sendable {
    /// Connections of one peer at a time: it has a handful of interfaces, and dials again while a dead one lingers.
    package static let maximumStreams = 8

    private let ipv4: Int
    private let ipv6: Int
    private var streams: [(remote: TransportAddress, socket: Int)] = []
    private var relays: [(allocation: UInt8, socket: Int)] = []

    package init(ipv4: Int, ipv6: Int) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }

    /// One socket for both families.
    package init(_ socket: Int) {
        self.init(ipv4: socket, ipv6: socket)
    }

    /// The socket that the path goes by, if there is one.
    func number(for path: ICEPath) -> Int? {
        switch path.transport {
        case .udp: path.remote.family == .ipv4 ? ipv4 : ipv6
        case .tcp: streams.first { $0.remote == path.remote }?.socket
        case .relay(let allocation): relays.first { $0.allocation == allocation }?.socket
        }
    }

    /// Remembers a TCP connection, in place of an older one with the same peer.
    ///
    /// - Returns: Whether there was room.
    mutating func addStream(to remote: TransportAddress, socket: Int) -> Bool {
        if let index = streams.firstIndex(where: { $0.remote == remote }) {
            streams[index].socket = socket
            return true
        }
        guard streams.count < Self.maximumStreams else { return false }
        streams.append((remote: remote, socket: socket))
        return true
    }

    /// - Returns: Whether the connection was the one to that peer.
    mutating func removeStream(to remote: TransportAddress, socket: Int) -> Bool {
        let count = streams.count
        streams.removeAll { $0.remote == remote && $0.socket == socket }
        return streams.count < count
    }

    mutating func setRelay(_ allocation: UInt8, socket: Int?) {
        relays.removeAll { $0.allocation == allocation }
        if let socket { relays.append((allocation: allocation, socket: socket)) }
    }
}
