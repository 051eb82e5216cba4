import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitRTCTransport

@testable import LiveKitClient

/// A subscriber that speaks real signalling and answers the server's offers, with a peer connection that has no sockets.
actor HandmadeClient {
    private(set) var join: Livekit_JoinResponse?
    /// The descriptions that the server offered, in order.
    private(set) var offers: [SessionDescription] = []
    private(set) var refusals: [Livekit_SubscriptionResponse] = []
    private(set) var candidates: [String] = []
    /// The data tracks that it was told of last.
    private(set) var dataTracks: [Livekit_DataTrackInfo] = []
    private let signal: SignalClient
    private let subscriber: PeerConnection
    private var run: Task<Void, any Error>?

    /// Joins with a client that cannot decode some codecs.
    static func join(_ session: Session, _ identity: String, lacking codecs: [String] = []) async throws
        -> HandmadeClient
    {
        let endpoint = try SignalEndpoint("ws://127.0.0.1:\(session.port)")
        let signal = try await SignalClient.connect(
            endpoint, token: try session.token(identity), options: ConnectOptions())
        let client = HandmadeClient(signal, certificate: try DTLSCertificate(), lacking: codecs)
        await client.start()
        return client
    }

    private init(_ signal: SignalClient, certificate: DTLSCertificate, lacking codecs: [String]) {
        self.signal = signal
        let configuration = PeerConnectionConfiguration(
            isOfferer: false, certificate: certificate,
            capabilities: MediaCapabilities.liveKitClient.removing(codecs: codecs), hostAddresses: [],
            entropy: SecureRandom.bytes, wallClockOffset: 0)
        subscriber = PeerConnection(configuration, output: DatagramBatch(capacity: 64), socket: 0, now: .start)
    }

    private func start() {
        run = Task { [signal] in
            try await signal.run { response in await self.receive(response) }
        }
    }

    func send(_ request: SignalClient.Request) throws { try signal.send(request) }

    func leave() {
        signal.close()
        run?.cancel()
    }

    private func receive(_ response: SignalClient.Response) {
        switch response {
        case .join(let join): self.join = join
        case .offer(let offer): try? answer(offer)
        case .subscriptionResponse(let response): refusals.append(response)
        case .trickle(let trickle): candidates.append(trickle.candidateInit)
        case .update(let update): dataTracks = update.participants.flatMap(\.dataTracks)
        default: break
        }
    }

    private func answer(_ offer: Livekit_SessionDescription) throws {
        offers.append(try SessionDescription(parsing: offer.sdp))
        _ = try subscriber.applyRemoteOffer(offer.sdp, now: .start)
        var answer = Livekit_SessionDescription()
        answer.type = "answer"
        answer.sdp = try subscriber.createAnswer(now: .start)
        answer.id = offer.id
        try signal.send(.answer(answer))
    }
}

extension SessionDescription {
    /// The attributes of that name, in all sections.
    func values(_ name: String) -> [String] {
        media.flatMap { $0.attributes.values(of: name) }
    }
}
