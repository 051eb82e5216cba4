import LiveKitClient
import LiveKitCore
import LiveKitServerKit
import LiveKitTestSupport
import Testing

@Suite("Calls through a TURN server, RFC 8656, on real sockets", .serialized, .timeLimit(.minutes(3)))
struct RelayTests {
    enum Way: String, CaseIterable, Sendable {
        case udp, tcp, tls
    }

    /// Alice is allowed nothing but relays; pictures go from her to Bob, sound from Bob to her.
    private func call(_ session: Session, _ options: ConnectOptions) async throws {
        let alice = Room()
        try await alice.connect(
            url: "ws://127.0.0.1:\(session.port)", token: try session.token("alice"), connectOptions: options)
        let bob = try await session.join("bob")
        let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
        try await alice.localParticipant.publish(videoTrack: video, options: VideoPublishOptions(simulcast: false))
        let audio = try LocalAudioTrack.createTrack()
        try await bob.localParticipant.publish(audioTrack: audio)
        let painting = Task { await paint(video, width: 320, height: 180) }
        let whistling = Task { await whistle(audio, frequency: 440) }
        defer {
            painting.cancel()
            whistling.cancel()
        }
        let pictures = PictureCollector()
        let tone = ToneCollector()
        #expect(
            await eventually {
                let tracks = bob.remoteParticipants.values.flatMap { $0.videoTracks }
                guard let track = tracks.first?.track as? RemoteVideoTrack else { return false }
                track.add(videoRenderer: pictures)
                return true
            })
        #expect(
            await eventually {
                let tracks = alice.remoteParticipants.values.flatMap { $0.audioTracks }
                guard let track = tracks.first?.track as? RemoteAudioTrack else { return false }
                track.add(audioRenderer: tone)
                return true
            })
        #expect(await eventually { pictures.counters.count >= 10 })
        let sent = await framesSent(video)
        let arrived = pictures.counters.count
        #expect(await eventually { pictures.counters.count >= arrived + 60 })
        painting.cancel()
        await painting.value
        // Of what was sent, however many pictures a busy encoder left out.
        let wanted = Int(Double(await framesSent(video) - sent) * 0.9)
        #expect(await eventually { pictures.counters.count >= arrived + wanted }, "nine of ten pictures arrive")
        #expect(await eventually { tone.frequency.map { abs($0 - 440) < 9 } ?? false })
        await alice.disconnect()
        await bob.disconnect()
    }

    private func framesSent(_ track: LocalVideoTrack) async -> Int {
        await track.statistics().outboundStreams.reduce(0) { $0 + Int($1.framesSent) }
    }

    @Test("Through the embedded server over UDP, TCP and TLS", arguments: Way.allCases)
    func embedded(_ way: Way) async throws {
        let certificate = try LocalhostCertificate()
        let (udp, stream) = (try FreePort.find(), try FreePort.find())
        let credentials = TURNRig.credentials()
        let url =
            switch way {
            case .udp: "turn:127.0.0.1:\(udp)?transport=udp"
            case .tcp: "turn:127.0.0.1:\(stream)?transport=tcp"
            case .tls: "turns:localhost:\(stream)?transport=tcp"
            }
        var options = ConnectOptions(iceTransportPolicy: .relay)
        options.additionalTrustRoots = [certificate.pem]
        options.iceServers = [
            IceServer(urls: [url], username: credentials.username, credential: credentials.password)
        ]
        try await withServer {
            TURNRig.embed(
                in: &$0, udpPort: udp, streamPort: stream, certificate: way == .tls ? certificate : nil)
        } _: { session in
            try await call(session, options)
        }
    }

    @Test("By what the join response says alone")
    func announced() async throws {
        let (udp, stream) = (try FreePort.find(), try FreePort.find())
        try await withServer {
            TURNRig.embed(in: &$0, udpPort: udp, streamPort: stream, certificate: nil)
        } _: { session in
            try await call(session, ConnectOptions(iceTransportPolicy: .relay))
        }
    }

    @Test("A TURN server whose certificate nobody vouches for is not spoken to")
    func refusesStrangers() async throws {
        let certificate = try LocalhostCertificate()
        let (udp, stream) = (try FreePort.find(), try FreePort.find())
        let credentials = TURNRig.credentials()
        let traffic = TerminatedTraffic()
        try await withServer {
            TURNRig.embed(in: &$0, udpPort: udp, streamPort: stream, certificate: nil)
        } _: { session in
            try await withTLSTerminator(before: stream, certificate, counting: traffic) { port in
                var options = ConnectOptions(iceTransportPolicy: .relay)
                options.iceServers = [
                    IceServer(
                        urls: ["turns:localhost:\(port)"], username: credentials.username,
                        credential: credentials.password)
                ]
                var stranger = options
                stranger.primaryTransportConnectTimeout = .seconds(4)
                let refused = stranger
                let token = try session.token("alice")
                let error = await #expect(throws: LiveKitError.self) {
                    try await Room().connect(
                        url: "ws://127.0.0.1:\(session.port)", token: token, connectOptions: refused)
                }
                #expect(error?.type == .timedOut)
                #expect(traffic.connections > 0, "the server was tried")
                #expect(traffic.bytes == 0, "no Allocate, with its user name, went out")
                // The very same server is good for a call once somebody vouches for it.
                options.additionalTrustRoots = [certificate.pem]
                try await call(session, options)
                #expect(traffic.bytes > 0)
            }
        }
    }

    @Test(
        "Through coturn over UDP, TCP and TLS",
        .enabled(if: CoturnServer.isInstalled, "Debian's coturn is not installed"),
        arguments: Way.allCases)
    func coturn(_ way: Way) async throws {
        let certificate = try LocalhostCertificate()
        let turn = try await CoturnServer(certificate)
        defer { turn.stop() }
        #expect(await turn.started())
        let url =
            switch way {
            case .udp: "turn:127.0.0.1:\(turn.port)?transport=udp"
            case .tcp: "turn:127.0.0.1:\(turn.port)?transport=tcp"
            case .tls: "turns:localhost:\(turn.tlsPort)?transport=tcp"
            }
        var options = ConnectOptions(iceTransportPolicy: .relay)
        options.additionalTrustRoots = [certificate.pem]
        options.iceServers = [turn.server([url])]
        try await withServer {
            $0.rtc.nodeIP = "127.0.0.1"
        } _: { session in
            try await call(session, options)
        }
    }
}
