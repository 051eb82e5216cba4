internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Synchronization

/// The real media plane: one media loop, the sockets that all peer connections share, one ``RoomForwarder`` for each
/// room.
package final class ForwardingMediaPlane: MediaPlane {
    package let udpPort: UInt16?
    /// Where ICE over TCP is reached, if it is.
    package let tcpPort: UInt16?
    private let loop: MediaLoop
    let shared: PeerEnvironment
    private let probe: MediaProbe
    /// The totals at the last ``takeCounts()``.
    private let counted = LoopBound<MediaPlaneCounts>()

    /// Opens the sockets and starts the loop.
    ///
    /// - Throws: `SocketError` when a port is taken, ``DTLSFailure`` when no certificate can be made.
    package init(_ configuration: MediaPlaneConfiguration) async throws {
        let certificate = try DTLSCertificate()
        let loop = MediaLoop(label: "livekit-media")
        let opened = await loop.perform { core -> Result<MediaSockets, SocketError> in
            do throws(SocketError) {
                return .success(try MediaSockets.open(configuration, on: core))
            } catch {
                return .failure(error)
            }
        }
        switch opened {
        case nil: throw CancellationError()
        case .failure(let error)?:
            loop.stop()
            throw error
        case .success(let sockets)?:
            self.loop = loop
            udpPort = sockets.udpPort
            tcpPort = sockets.tcpPort
            let addresses = await Self.addresses(configuration, loop: loop)
            shared = PeerEnvironment(
                sockets: sockets, certificate: certificate, candidates: sockets.ports.make(addresses.all),
                outerCandidates: sockets.ports.make(addresses.outer),
                isICELite: configuration.isICELite, forcesTCP: configuration.forcesTCP,
                forwardErrorCorrection: configuration.forwardErrorCorrection, allocation: configuration.allocation,
                settings: configuration.settings)
            probe = MediaProbe(loop: loop, sockets: sockets)
        }
    }

    /// What clients are told, external addresses in place of those behind them where they are wanted; and without those
    /// behind them in any case.
    private static func addresses(
        _ configuration: MediaPlaneConfiguration, loop: MediaLoop
    ) async -> (all: [TransportAddress], outer: [TransportAddress]) {
        let interfaces = NetworkInterfaces.addresses()
        var policy = configuration.addresses
        if !configuration.stunServers.isEmpty {
            var servers: [TransportAddress] = []
            for server in configuration.stunServers { servers += await server.addresses() }
            let own = policy.usable(interfaces).filter { $0.family == .ipv4 && !$0.isLoopback }
            policy.externalAddresses = await ExternalAddresses.discover(
                for: own, servers: servers, validates: configuration.validatesExternalAddresses, on: loop)
        }
        let all = policy.announced(interfaces)
        policy.announcesInternal = false
        return (all, policy.announced(interfaces))
    }

    package func openRoom(_ room: RoomSID, report: @escaping @Sendable ([MediaEvent]) -> Void) -> any RoomMedia {
        ForwardedRoom(loop: loop, environment: shared, report: report)
    }

    package func answers(within limit: Duration) async -> Bool { await probe.answers(within: limit) }

    package func turn() async { _ = await loop.perform { _ in } }

    package func takeCounts() async -> MediaPlaneCounts {
        let counted = counted
        let counts = await loop.perform { core in
            let before = counted.value(on: core) ?? MediaPlaneCounts()
            var totals = MediaPlaneCounts()
            totals.strangers = core.strangers
            totals.sendFailures = core.sendFailures
            counted.set(totals, on: core)
            totals.strangers &-= before.strangers
            totals.sendFailures &-= before.sendFailures
            totals.turns = core.turns.take()
            return totals
        }
        return counts ?? MediaPlaneCounts()
    }

    package func shutdown() async {
        await loop.drain()
        loop.stop()
    }
}

/// What every peer connection of the server shares.
struct PeerEnvironment: Sendable {
    let sockets: MediaSockets
    let certificate: DTLSCertificate
    let candidates: [ICECandidate]
    /// Those without addresses behind external ones.
    let outerCandidates: [ICECandidate]
    let isICELite: Bool
    let forcesTCP: Bool
    let forwardErrorCorrection: FlexFECSender.Configuration?
    /// How layers are chosen by bandwidth; `nil` where they are not, and no path is estimated.
    let allocation: StreamAllocator.Configuration?
    let settings: ForwardingSettings
}
