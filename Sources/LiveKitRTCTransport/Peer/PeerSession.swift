package import LiveKitCore
package import LiveKitRTC

/// A ``PeerConnection`` in a media loop: joins its socket, its timers and its username fragments with the
/// loop's. Confined to the loop.
package final class PeerSession: MediaSession {
    package let connection: PeerConnection

    private unowned let core: MediaLoopCore
    private let socket: Int
    private let ownsSocket: Bool
    private var index: Int?
    private var registeredUfrags: Set<String> = []

    /// Makes the connection and takes it into the loop. A socket that no other session shares is closed with it.
    package init(
        _ configuration: PeerConnectionConfiguration, core: MediaLoopCore, socket: Int, sharesSocket: Bool
    ) {
        self.core = core
        self.socket = socket
        ownsSocket = !sharesSocket
        connection = PeerConnection(configuration, output: core.output, socket: socket, now: core.now)
        let ufrags = connection.localUfrags
        let index = core.add(self, socket: socket, ufrag: sharesSocket ? ufrags.first : nil)
        self.index = index
        registeredUfrags = Set(ufrags)
        if sharesSocket {
            connection.onProbe = { [unowned core] remote in core.expect(remote, session: index, socket: socket) }
        }
    }

    package var deadline: MediaInstant? { connection.deadline }

    package func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        unsafe connection.receive(datagram, from: remote, now: now)
    }

    package func handleTimeout(now: MediaInstant) {
        connection.handleTimeout(now: now)
    }

    /// To be called after signalling changed the connection: new fragments and deadlines reach the loop.
    package func update() {
        guard let index else { return }
        if !ownsSocket {
            for ufrag in connection.localUfrags where registeredUfrags.insert(ufrag).inserted {
                core.add(ufrag: ufrag, session: index, socket: socket)
            }
        }
        core.reschedule(index)
    }

    /// Closes the connection and leaves the loop.
    package func close() {
        guard let index else { return }
        self.index = nil
        connection.onProbe = nil
        connection.close(now: core.now)
        core.removeSession(index, socket: socket)
        if ownsSocket { core.removeSocket(socket) }
    }
}
