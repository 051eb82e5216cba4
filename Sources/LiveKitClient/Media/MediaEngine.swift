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

    /// Opens a socket and makes a peer connection on it, whose events go to `events`.
    func makeTransport(
        isOfferer: Bool, usesLoopback: Bool, events: AsyncStream<TransportEvent>.Continuation
    ) async throws(LiveKitError) -> MediaTransport {
        let place = LoopBound<PeerTransport>()
        let failure = await loop.perform { [certificate] core -> LiveKitError? in
            do {
                let own = try certificate.value(on: core) ?? DTLSCertificate()
                certificate.set(own, on: core)
                let socket = try UDPSocket(binding: TransportAddress(ipv4: 0, port: 0))
                let configuration = PeerConnectionConfiguration(
                    isOfferer: isOfferer, certificate: own, capabilities: Self.capabilities,
                    hostAddresses: Self.hostAddresses(port: socket.localAddress.port, usesLoopback: usesLoopback),
                    entropy: SecureRandom.bytes, wallClockOffset: core.wallClockOffset)
                place.set(
                    PeerTransport(configuration, core: core, socket: core.add(socket), events: events), on: core)
                return nil
            } catch {
                return LiveKitError.wrapping(error, as: .webRTC)
            }
        }
        if let failure { throw failure }
        return MediaTransport(loop: loop, transport: place)
    }

    /// What we encode and decode ourselves; the server then offers nothing else.
    private static let capabilities = MediaCapabilities.liveKitClient.removing(
        codecs: ["PCMU", "PCMA", "H264", "VP9", "AV1", "H265"])

    private static func hostAddresses(port: UInt16, usesLoopback: Bool) -> [TransportAddress] {
        let usable = NetworkInterfaces.addresses().filter { $0.family == .ipv4 }
        let outer = usable.filter { !$0.isLoopback }
        let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)
        return (outer + (usesLoopback || outer.isEmpty ? [loopback] : [])).map { $0.with(port: port) }
    }
}
