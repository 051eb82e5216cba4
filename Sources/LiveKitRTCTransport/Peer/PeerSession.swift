package import LiveKitCore
package import LiveKitRTC

/// A ``PeerConnection`` in a media loop: joins its sockets, its timers and its username fragments with the
/// loop's, and gathers server-reflexive candidates for it. Confined to the loop.
package final class PeerSession: MediaSession {
    package let connection: PeerConnection
    /// Told of each candidate that gathering adds, as `candidate:…` text.
    package var onCandidate: ((String) -> Void)?

    private unowned let core: MediaLoopCore
    private let socket: Int
    private let ipv6Socket: Int?
    private let ownsSockets: Bool
    private var index: Int?
    private var registeredUfrags: Set<String> = []
    private var discovery: ReflexiveGathering?
    private var relays: RelayGathering?

    /// Makes the connection and takes it into the loop. Sockets that no other session shares are closed with it.
    package init(
        _ configuration: PeerConnectionConfiguration, core: MediaLoopCore, socket: Int, ipv6Socket: Int? = nil,
        sharesSocket: Bool
    ) {
        self.core = core
        self.socket = socket
        self.ipv6Socket = ipv6Socket
        ownsSockets = !sharesSocket
        connection = PeerConnection(
            configuration, output: core.output, sockets: PeerSockets(ipv4: socket, ipv6: ipv6Socket ?? socket),
            now: core.now)
        let ufrags = connection.localUfrags
        let index = core.add(self, socket: socket, ufrag: sharesSocket ? ufrags.first : nil)
        self.index = index
        registeredUfrags = Set(ufrags)
        connection.onDial = { [unowned core] remote in core.dial(remote, session: index) }
        if sharesSocket {
            connection.onProbe = { [unowned core] remote in core.expect(remote, session: index, socket: socket) }
        }
    }

    package var deadline: MediaInstant? { .earliest(connection.deadline, discovery?.deadline) }

    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        if let discovery, unsafe discovery.receive(UnsafeRawBufferPointer(datagram), from: remote, now: now) {
            gather(now: now)
            return false
        }
        return unsafe connection.receive(datagram, from: remote, now: now)
    }

    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, stream: Int, now: MediaInstant
    ) -> Bool {
        unsafe connection.receive(datagram, from: remote, over: .tcp, socket: stream, now: now)
    }

    package func streamClosed(_ stream: Int, remote: TransportAddress, now: MediaInstant) {
        connection.connectionClosed(to: remote, socket: stream, now: now)
    }

    package func handleTimeout(now: MediaInstant) {
        connection.handleTimeout(now: now)
        guard let discovery else { return }
        discovery.handleTimeout(now: now)
        gather(now: now)
    }

    /// Asks STUN servers how they see the sockets, which no other session may share. What they say becomes candidates.
    /// Servers that were asked already are not asked again.
    package func gatherReflexive(from servers: [TransportAddress], bases: [TransportAddress]) {
        guard ownsSockets, let index, !servers.isEmpty else { return }
        let gathering = discovery ?? ReflexiveGathering(bases: bases)
        discovery = gathering
        gathering.ask(servers, now: core.now)
        gather(now: core.now)
        core.reschedule(index)
    }

    /// Asks TURN servers for relayed addresses, which become candidates. Servers that are used already stay so. With
    /// `hidesMappedAddress` the peer is not told where the servers see us.
    package func gatherRelays(from servers: [RelayServer], hidesMappedAddress: Bool) {
        guard let index, !servers.isEmpty else { return }
        let gathering =
            relays
            ?? RelayGathering(
                core: core, connection: connection, session: index, hidesMappedAddress: hidesMappedAddress
            ) { [unowned self] in onCandidate?($0.attribute) }
        relays = gathering
        gathering.gather(from: servers)
        core.reschedule(index)
    }

    private func gather(now: MediaInstant) {
        guard let discovery else { return }
        while let request = discovery.pollTransmit() {
            let isIPv6 = request.server.family == .ipv6
            core.output.append(request.bytes, to: request.server, socket: isIPv6 ? ipv6Socket ?? socket : socket)
        }
        while let candidate = discovery.pollCandidate() {
            connection.addLocalCandidate(candidate, now: now)
            onCandidate?(candidate.attribute)
        }
    }

    /// To be called after signalling changed the connection: new fragments and deadlines reach the loop.
    package func update() {
        guard let index else { return }
        if !ownsSockets {
            let ufrags = Set(connection.localUfrags)
            for ufrag in ufrags.subtracting(registeredUfrags) {
                core.add(ufrag: ufrag, session: index, socket: socket)
            }
            for ufrag in registeredUfrags.subtracting(ufrags) {
                core.remove(ufrag: ufrag, session: index, socket: socket)
            }
            registeredUfrags = ufrags
        }
        core.reschedule(index)
    }

    /// Closes the connection and leaves the loop.
    package func close() {
        guard let index else { return }
        self.index = nil
        connection.onProbe = nil
        connection.onDial = nil
        connection.close(now: core.now)
        core.removeSession(index, socket: socket)
        relays?.close()
        relays = nil
        guard ownsSockets else { return }
        core.removeSocket(socket)
        if let ipv6Socket { core.removeSocket(ipv6Socket) }
    }
}
