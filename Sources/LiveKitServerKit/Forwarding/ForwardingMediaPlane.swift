internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Synchronization

/// The real media plane: one media loop, one UDP socket that all peer connections share, one
/// ``RoomForwarder`` for each room.
package final class ForwardingMediaPlane: MediaPlane {
    package let udpPort: UInt16?
    private let loop: MediaLoop
    private let shared: PeerEnvironment

    /// Opens the socket and starts the loop.
    ///
    /// - Throws: `SocketError` when the port is taken, ``DTLSFailure`` when no certificate can be made.
    package init(_ configuration: MediaPlaneConfiguration) async throws {
        let certificate = try DTLSCertificate()
        let loop = MediaLoop(label: "livekit-media")
        let any = TransportAddress(ipv4: 0, port: configuration.udpPort)
        let opened = await loop.perform { core -> Result<OpenedSocket, SocketError> in
            do throws(SocketError) {
                let socket = try UDPSocket(binding: any)
                return .success(OpenedSocket(number: core.add(socket), port: socket.localAddress.port))
            } catch {
                return .failure(error)
            }
        }
        switch opened {
        case .failure(let error):
            loop.stop()
            throw error
        case .success(let socket):
            self.loop = loop
            udpPort = socket.port
            shared = PeerEnvironment(
                socket: socket.number, certificate: certificate,
                hostAddresses: Self.addresses(configuration).map { $0.with(port: socket.port) })
        }
    }

    private struct OpenedSocket: Sendable {
        let number: Int
        let port: UInt16
    }

    /// IPv4 only: the shared socket is.
    private static func addresses(_ configuration: MediaPlaneConfiguration) -> [TransportAddress] {
        let interfaces = NetworkInterfaces.addresses().filter { $0.family == .ipv4 }
        var chosen = configuration.nodeAddresses
        if chosen.isEmpty { chosen = interfaces.filter { !$0.isLoopback } }
        let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)
        if chosen.isEmpty || configuration.advertisesLoopback, !chosen.contains(loopback) { chosen.append(loopback) }
        return chosen
    }

    package func openRoom(_ room: RoomSID, report: @escaping @Sendable ([MediaEvent]) -> Void) -> any RoomMedia {
        ForwardedRoom(loop: loop, environment: shared, report: report)
    }

    package func shutdown() async {
        await loop.drain()
        loop.stop()
    }
}

/// What every peer connection of the server shares.
struct PeerEnvironment: Sendable {
    let socket: Int
    let certificate: DTLSCertificate
    let hostAddresses: [TransportAddress]
}
