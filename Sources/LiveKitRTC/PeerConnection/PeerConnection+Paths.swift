package import LiveKitCore

// Where datagrams leave, and what gathering adds.
extension PeerConnection {
    /// Where a datagram goes.
    struct Route {
        let path: ICEPath
        let socket: Int

        var destination: TransportAddress { path.remote }
    }

    /// Where media goes now.
    var selectedRoute: Route? {
        guard let path = agent.selectedPath else { return nil }
        if let known = lastRoute, known.path == path { return known }
        lastRoute = route(for: path)
        return lastRoute
    }

    /// The way a path goes; one over TCP that has no connection is dialled.
    func route(for path: ICEPath) -> Route? {
        if let socket = sockets.number(for: path) { return Route(path: path, socket: socket) }
        guard path.transport == .tcp, agent.dials(path), let socket = onDial?(path.remote),
            sockets.addStream(to: path.remote, socket: socket)
        else { return nil }
        return Route(path: path, socket: socket)
    }

    // MARK: What the driver tells

    /// Takes a datagram that came by TCP or through a relay; ``receive(_:from:now:)`` is for UDP.
    ///
    /// - Returns: Whether ICE vouches for the sender's address.
    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, over transport: ICETransport,
        socket: Int, now: MediaInstant
    ) -> Bool {
        if transport == .tcp, sockets.number(for: ICEPath(remote, transport)) != socket {
            guard sockets.addStream(to: remote, socket: socket) else { return false }
            lastRoute = nil
        }
        return unsafe receive(datagram, from: remote, over: transport, now: now)
    }

    /// A TCP connection ended, or could not be opened.
    package func connectionClosed(to remote: TransportAddress, socket: Int, now: MediaInstant) {
        guard sockets.removeStream(to: remote, socket: socket), state != .closed else { return }
        lastRoute = nil
        agent.connectionClosed(to: remote, now: now)
        drain(now: now)
    }

    /// Datagrams through the allocation leave by this socket of the driver's.
    package func setRelay(_ allocation: UInt8, socket: Int) {
        sockets.setRelay(allocation, socket: socket)
        lastRoute = nil
    }

    /// The allocation has ended.
    package func relayClosed(_ allocation: UInt8, now: MediaInstant) {
        sockets.setRelay(allocation, socket: nil)
        lastRoute = nil
        guard state != .closed else { return }
        agent.relayClosed(allocation, now: now)
        drain(now: now)
    }

    /// Adds what gathering has found. The peer has to be told of it (``ICECandidate/attribute``).
    package func addLocalCandidate(_ candidate: ICECandidate, now: MediaInstant) {
        agent.addLocalCandidate(candidate, now: now)
        drain(now: now)
    }

    /// Answers ``onResolve``; without addresses the name is given up.
    package func addResolved(_ name: String, addresses: [TransportAddress], now: MediaInstant) {
        agent.addResolved(name, addresses: addresses, now: now)
        drain(now: now)
    }

    /// The peer has said that it has no more candidates.
    package func endRemoteCandidates(now: MediaInstant) {
        agent.endRemoteCandidates(now: now)
        drain(now: now)
    }
}

extension ICEPath {
    /// A path whose local end does not matter.
    fileprivate init(_ remote: TransportAddress, _ transport: ICETransport) {
        self.init(local: TransportAddress(ipv4: 0, port: 0), remote: remote, transport: transport)
    }
}
