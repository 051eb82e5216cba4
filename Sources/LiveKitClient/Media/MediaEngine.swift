internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// What all rooms of a process share: the media loop, and the certificate of our DTLS connections.
final class MediaEngine: Sendable {
    static let shared = MediaEngine()

    let loop = MediaLoop(label: "livekit-client")

    /// Our certificate is only good for its fingerprint; one for all connections says no more than the identity of
    /// the participant does, which the server knows anyway. Read on the loop alone.
    private let certificate = LoopBound<DTLSCertificate>()

    /// Opens sockets and makes a peer connection on them, whose events go to `events`.
    func makeTransport(
        isOfferer: Bool, plan: GatheringPlan, events: AsyncStream<TransportEvent>.Continuation
    ) async throws(LiveKitError) -> MediaTransport {
        let place = LoopBound<PeerTransport>()
        let failure = await loop.perform { [certificate] core -> LiveKitError? in
            do {
                let own = try certificate.value(on: core) ?? DTLSCertificate()
                certificate.set(own, on: core)
                var configuration = PeerConnectionConfiguration(
                    isOfferer: isOfferer, certificate: own, capabilities: Self.capabilities,
                    hostAddresses: [], entropy: SecureRandom.bytes, wallClockOffset: core.wallClockOffset)
                // Only the connection that we offer sends media.
                configuration.congestionControl = isOfferer ? CongestionControlConfiguration() : nil
                let sockets = try ClientSockets(core: core)
                let isRelayed = plan.policy == .relay
                if !isRelayed { configuration.candidates = sockets.candidates(usesLoopback: plan.isLocal) }
                configuration.isGatheringComplete = !isRelayed && plan.servers.isEmpty
                let transport = PeerTransport(
                    configuration, core: core, sockets: sockets, isRelayed: isRelayed, events: events)
                place.set(transport, on: core)
                return nil
            } catch {
                return LiveKitError.wrapping(error, as: .webRTC)
            }
        }
        if case .some(.some(let failure)) = failure { throw failure }
        return MediaTransport(loop: loop, transport: place)
    }

    /// What we encode and decode ourselves; the server then offers nothing else.
    private static let capabilities = MediaCapabilities.liveKitClient.removing(
        codecs: ["PCMU", "PCMA", "H264", "VP9", "AV1", "H265"])
}
