import LiveKitCore
import LiveKitRTCTransport
import Synchronization
import Testing

@testable import LiveKitRTC
@testable import LiveKitServerKit

/// A track of three layers in a room's forwarding half, and one who is sent it. On a media loop's thread, but at times
/// that the test chooses.
private final class Scene {
    static let alice = ParticipantSID(rawValue: "PA_alice")
    static let bob = ParticipantSID(rawValue: "PA_bob")
    static let track = TrackSID(rawValue: "TR_camera")
    /// Payloads, fifty of them in each second.
    private static let payloadSizes = [100, 400, 1000]

    let forwarder: RoomForwarder
    private(set) var now: MediaInstant
    private var layers: [(layer: UpstreamLayer, stream: InboundStream)] = []
    private var count: UInt16 = 0

    init(core: MediaLoopCore, environment: PeerEnvironment) throws {
        now = core.now
        let offered = OfferBox()
        forwarder = RoomForwarder(core: core, environment: environment) { offered.note($0) }
        forwarder.execute([
            .addParticipant(Self.alice, ParticipantMediaOptions(offersSubscriberAtOnce: false)),
            .addParticipant(Self.bob, ParticipantMediaOptions(offersSubscriberAtOnce: false)),
            .expectTrack(
                Self.alice, ExpectedTrack(sid: Self.track, cid: "camera", kind: .video, publisher: Self.alice)),
        ])
        try publish()
        forwarder.execute([.subscribe(Self.bob, Self.track), .setChannelCapacity(Self.bob, bitsPerSecond: 300_000)])
        forwarder.finishTurn(now: now)
        let (sdp, id) = try #require(offered.offer)
        let client = try Self.client(isOfferer: false)
        _ = try client.applyRemoteOffer(sdp, now: .start)
        let answer = try client.createAnswer(now: .start)
        forwarder.execute([.remoteAnswer(Self.bob, sdp: answer, id: id)])
    }

    private static func client(isOfferer: Bool) throws -> PeerConnection {
        let configuration = PeerConnectionConfiguration(
            isOfferer: isOfferer, certificate: try DTLSCertificate(), capabilities: .liveKitClient, hostAddresses: [],
            entropy: SecureRandom.bytes, wallClockOffset: 0)
        return PeerConnection(configuration, output: DatagramBatch(capacity: 64), socket: 0, now: .start)
    }

    private func publish() throws {
        let client = try Self.client(isOfferer: true)
        let sender = SenderParameters(
            streamID: "stream", trackID: "camera", cname: "me", encodings: [.init(ssrc: client.unusedSSRC())])
        _ = try client.addTransceiver(.video, direction: .sendonly, sender: sender)
        let offer = try client.createOffer(now: .start)
        forwarder.execute([.remoteOffer(Self.alice, sdp: offer, id: 1, midToTrackCID: [:])])
        let connection = try #require(forwarder.participants[Self.alice]?.publisher?.session.connection)
        let section = try #require(connection.negotiated?.sections.first)
        let codec = try #require(section.codecs.first { $0.name.lowercased() == "vp8" })
        for (index, rid) in ["q", "h", "f"].enumerated() {
            let stream = InboundStream(
                ssrc: SSRC(rawValue: UInt32(index + 1)), section: section, codec: codec, rid: rid, isAnnounced: true,
                now: now)
            forwarder.tracks[Self.track]?.addLayer(for: stream, connection: connection)
            layers.append((try #require(stream.attachment as? UpstreamLayer), stream))
        }
    }

    /// The highest layer that the subscriber may be sent.
    var allowed: Int? { forwarder.participants[Self.bob]?.downTracks[Self.track]?.rewriter.selector.wanted }

    /// Goes on in time, with the room's beats, and packets of all layers if there are any.
    func run(milliseconds: Int, isSending: Bool) throws {
        for step in 1...milliseconds / 20 {
            now = now + .milliseconds(20)
            if isSending { try receive() }
            if step.isMultiple(of: 20) { forwarder.tick(now: now) }
        }
    }

    /// A packet of each layer, in one turn.
    func receive() throws {
        count &+= 1
        for (index, (layer, stream)) in layers.enumerated() {
            var bytes: [UInt8] = [0x80, stream.codec.payloadType, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
            bytes += [0, 0, 0, 1, 0, 0, 0, UInt8(index + 1)]
            bytes += [UInt8](repeating: 0x10, count: Self.payloadSizes[index])
            let info = try RTPPacketInfo(parsing: bytes.rawSpan)
            unsafe bytes.withUnsafeMutableBytes {
                layer.receive(
                    unsafe InboundPacket(
                        bytes: $0, info: info, stream: stream, sequence: Int64(count), audioLevelID: nil, now: now))
            }
        }
        forwarder.tracks[Self.track]?.forwardBurst(now: now)
    }

    func setMuted(_ isMuted: Bool) { forwarder.execute([.setMuted(Self.track, isMuted)]) }
}

/// The newest offer of a room's.
private final class OfferBox: Sendable {
    private let newest = Mutex<(sdp: String, id: UInt32)?>(nil)

    var offer: (sdp: String, id: UInt32)? { newest.withLock { $0 } }

    func note(_ events: [MediaEvent]) {
        for case .offer(_, let sdp, let id, _) in events { newest.withLock { $0 = (sdp, id) } }
    }
}

@Suite("Tracks that begin between two beats of a room, on a path that is known", .timeLimit(.minutes(1)))
struct BeginningTrackTests {
    /// Builds the scene on a loop, and returns what `body` makes of it.
    private func withScene(_ body: @escaping @Sendable (Scene) throws -> [Int?]) async throws -> [Int?] {
        let plane = try await ForwardingMediaPlane(MediaPlaneConfiguration())
        let environment = plane.shared
        let loop = MediaLoop(label: "scene")
        let outcome = await loop.perform { core in
            Result {
                let scene = try Scene(core: core, environment: environment)
                defer { scene.forwarder.close() }
                return try body(scene)
            }
        }
        loop.stop()
        await plane.shutdown()
        return try #require(outcome).get()
    }

    @Test("The first packets find the lowest layer allowed, and what fits once it was measured")
    func begins() async throws {
        let allowed = try await withScene { scene in
            var allowed: [Int?] = []
            scene.forwarder.tick(now: scene.now)
            try scene.receive()
            allowed.append(scene.allowed)
            try scene.run(milliseconds: 5000, isSending: true)
            allowed.append(scene.allowed)
            return allowed
        }
        #expect(allowed == [0, 1])
    }

    @Test("An unmuted track has what fits before the next packet, whatever was allowed while nobody was sent it")
    func unmutes() async throws {
        let allowed = try await withScene { scene in
            var allowed: [Int?] = []
            try scene.run(milliseconds: 5000, isSending: true)
            scene.setMuted(true)
            try scene.run(milliseconds: 2000, isSending: true)
            allowed.append(scene.allowed)
            scene.setMuted(false)
            allowed.append(scene.allowed)
            return allowed
        }
        #expect(allowed == [2, 1])
    }

    @Test("A track whose publisher sends again has what fitted before, with the first packet")
    func goesOn() async throws {
        let allowed = try await withScene { scene in
            var allowed: [Int?] = []
            try scene.run(milliseconds: 5000, isSending: true)
            try scene.run(milliseconds: 10_000, isSending: false)
            allowed.append(scene.allowed)
            try scene.receive()
            allowed.append(scene.allowed)
            return allowed
        }
        #expect(allowed == [2, 1])
    }
}
