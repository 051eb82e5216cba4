import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

@Suite("TURN in the configuration file")
struct TURNConfigurationTests {
    @Test("LiveKit's keys are read")
    func readsKeys() throws {
        let turn = try LiveKitServerConfiguration(
            yaml: """
                turn:
                  enabled: true
                  domain: turn.example.com
                  cert_file: /etc/turn.crt
                  key_file: /etc/turn.key
                  tls_port: 5349
                  udp_port: 3478
                  relay_range_start: 40000
                  relay_range_end: 40100
                  external_tls: true
                  bind_addresses: ["127.0.0.1"]
                  per_user_relay_allocation_limit: 3
                  ttl_seconds: 60
                  allow_restricted_peer_cidrs: ["10.0.0.0/8"]
                  deny_peer_cidrs: ["203.0.113.0/24"]
                """
        ).turn
        #expect(turn.isEnabled && turn.hasExternalTLS && turn.domain == "turn.example.com")
        #expect(turn.certificateFile == "/etc/turn.crt" && turn.keyFile == "/etc/turn.key")
        #expect(turn.tlsPort == 5349 && turn.udpPort == 3478)
        #expect(turn.relayRangeStart == 40_000 && turn.relayRangeEnd == 40_100)
        #expect(turn.bindAddresses == ["127.0.0.1"] && turn.perUserRelayAllocationLimit == 3 && turn.ttlSeconds == 60)
        #expect(turn.allowRestrictedPeerCIDRs == ["10.0.0.0/8"] && turn.denyPeerCIDRs == ["203.0.113.0/24"])
        try turn.validate()
    }

    @Test("The defaults are LiveKit's")
    func defaults() {
        let turn = LiveKitServerConfiguration().turn
        #expect(!turn.isEnabled && turn.udpPort == 0 && turn.tlsPort == 0)
        #expect(turn.relayRangeStart == 30_000 && turn.relayRangeEnd == 40_000)
        #expect(turn.perUserRelayAllocationLimit == 12 && turn.ttlSeconds == 300)
        #expect(turn.bindAddresses == ["0.0.0.0"] && turn.advertisedTLSPort == 443)
        #expect(LiveKitServerConfiguration.development.turn.relayRangeEnd == 30_002)
    }

    @Test(
        "What cannot work fails by its key",
        arguments: [
            ("udp_port: 0", "udp_port"), ("tls_port: 5349", "turn.domain"),
            ("tls_port: 5349\n  domain: not a domain", "turn.domain"),
            ("tls_port: 5349\n  domain: a.example", "turn.cert_file"),
            ("udp_port: 1\n  relay_range_start: 5\n  relay_range_end: 4", "turn.relay_range"),
            ("udp_port: 1\n  deny_peer_cidrs: [\"203.0.113.0/33\"]", "turn.deny_peer_cidrs"),
            ("udp_port: 1\n  allow_restricted_peer_cidrs: [not-a-cidr]", "turn.allow_restricted_peer_cidrs"),
            ("udp_port: 1\n  bind_addresses: []", "turn.bind_addresses"),
        ])
    func refuses(_ lines: String, _ named: String) throws {
        let configuration = try LiveKitServerConfiguration(yaml: "keys:\n  a: b\nturn:\n  enabled: true\n  \(lines)")
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }

    @Test("Relays are announced under the node's address, and reach of this host only media")
    func plans() throws {
        var configuration = LiveKitServerConfiguration()
        configuration.rtc.nodeIP = "5.5.5.5"
        configuration.turn.isEnabled = true
        configuration.turn.udpPort = 3478
        let interfaces = ["127.0.0.1", "6.6.6.6", "10.0.0.1"].compactMap { TransportAddress(host: $0, port: 0) }
        let plan = try TURNPlan(configuration, mediaPort: 7882, interfaces: interfaces)
        #expect(plan.server.relayHosts.map(\.host) == ["5.5.5.5"])
        #expect(plan.relayBindings == [.ipv4: "0.0.0.0"])
        let filter = plan.server.peerFilter
        let rows: [(String, UInt16, Bool)] = [
            ("5.5.5.5", 7882, true), ("6.6.6.6", 7882, true), ("5.5.5.5", 7880, false), ("6.6.6.6", 22, false),
            ("10.0.0.1", 7882, false), ("127.0.0.1", 7882, false), ("8.8.8.8", 22, true),
        ]
        for (host, port, isAllowed) in rows {
            let peer = try #require(TransportAddress(host: host, port: port))
            #expect(filter.allows(peer) == isAllowed, "\(peer)")
        }
        configuration.turn.bindAddresses = ["::"]
        #expect(throws: ConfigurationError.self) {
            try TURNPlan(configuration, mediaPort: 7882, interfaces: interfaces)
        }
    }
}

@Suite("ICE servers of a participant")
struct ICEServerDirectoryTests {
    private func directory(_ change: (inout LiveKitServerConfiguration.TURN) -> Void) throws -> ICEServerDirectory {
        var configuration = LiveKitServerConfiguration()
        configuration.keys = ["key": "secret"]
        configuration.turn.isEnabled = true
        change(&configuration.turn)
        let clock = ServerClock(now: { .start }, unixMilliseconds: { 1_000_000_000 })
        let node = try #require(TransportAddress(host: "5.5.5.5", port: 0))
        return ICEServerDirectory(configuration, nodeAddresses: [node], clock: clock)
    }

    @Test("TURN is announced over UDP and TLS, with credentials that the server vouches for")
    func announces() throws {
        let directory = try directory {
            $0.udpPort = 3478
            $0.tlsPort = 5349
            $0.domain = "turn.example.com"
        }
        let servers = directory.servers(for: ParticipantSID(rawValue: "PA_1"), apiKey: "key")
        let server = try #require(servers.first)
        #expect(server.urls == ["turn:5.5.5.5:3478?transport=udp", "turns:turn.example.com:443?transport=tcp"])
        let name = try #require(TURNUsername(server.username))
        #expect(name.apiKey == "key" && name.participant == "PA_1" && name.expiry == 1_000_300)
        #expect(name.password(secret: "secret") == server.credential)
        #expect(servers.count == 1)
    }

    @Test("Who must go by TLS is told of that alone, where there is any")
    func announcesTLSAlone() throws {
        let participant = ParticipantSID(rawValue: "PA_1")
        let both = try directory {
            $0.udpPort = 3478
            $0.tlsPort = 5349
            $0.domain = "turn.example.com"
        }
        #expect(
            both.servers(for: participant, apiKey: "key", onlyTLS: true).map(\.urls)
                == [["turns:turn.example.com:443?transport=tcp"]])
        let plain = try directory { $0.udpPort = 3478 }
        #expect(
            plain.servers(for: participant, apiKey: "key", onlyTLS: true).map(\.urls)
                == [["turn:5.5.5.5:3478?transport=udp"]])
    }

    @Test("Nothing is announced without TURN, or for an unknown key")
    func announcesNothing() throws {
        let off = try directory { $0.isEnabled = false }
        #expect(off.servers(for: ParticipantSID(rawValue: "PA_1"), apiKey: "key").isEmpty)
        let on = try directory { $0.udpPort = 3478 }
        #expect(on.servers(for: ParticipantSID(rawValue: "PA_1"), apiKey: "other").isEmpty)
    }

    @Test("TURN servers elsewhere are told, with a fixed password or with one that follows from their secret")
    func announcesOthers() throws {
        var configuration = try LiveKitServerConfiguration(
            yaml: """
                keys:
                  key: secret
                rtc:
                  turn_servers:
                    - {host: turn.example.com, port: 443, protocol: tls, secret: north, ttl: 600}
                    - {host: "2001:db8::1", port: 3478, protocol: udp, username: who, credential: word}
                """)
        #expect(configuration.keysWithoutEffect.isEmpty)
        try configuration.validate()
        let clock = ServerClock(now: { .start }, unixMilliseconds: { 1_000_000_000 })
        func servers(onlyTLS: Bool = false) -> [Livekit_ICEServer] {
            ICEServerDirectory(configuration, nodeAddresses: [], clock: clock)
                .servers(for: ParticipantSID(rawValue: "PA_1"), apiKey: "key", onlyTLS: onlyTLS)
        }
        let told = servers()
        #expect(
            told.map(\.urls) == [
                ["turns:turn.example.com:443?transport=tcp"], ["turn:[2001:db8::1]:3478?transport=udp"],
            ])
        // printf '1000600:PA_1' | openssl dgst -sha1 -hmac north -binary | base64
        #expect(told.first?.username == "1000600:PA_1")
        #expect(told.first?.credential == "yaTyjurjOv5aFVSBz8su3rbYOtY=")
        #expect(told.last?.username == "who" && told.last?.credential == "word")
        #expect(servers(onlyTLS: true).map(\.urls) == [["turns:turn.example.com:443?transport=tcp"]])
        configuration.rtc.turnServers[1].credential = ""
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
    }

    @Test(
        "A TURN server elsewhere that cannot work is refused with its reason",
        arguments: [
            ("{host: a, port: 1, protocol: sctp, secret: s}", "protocol"), ("{port: 1, secret: s}", "host"),
            ("{host: a, port: 1, username: u}", "secret"), ("{host: a, port: 1, secret: s, realm: r}", "realm"),
            ("{host: a, port: 1, secret_file: /nowhere/secret}", "secret_file"),
        ])
    func refusesOthers(_ server: String, _ named: String) {
        let error = #expect(throws: ConfigurationError.self) {
            var configuration = try LiveKitServerConfiguration(
                yaml: "keys:\n  a: b\nrtc:\n  turn_servers:\n    - \(server)")
            try configuration.readTURNSecretFiles()
            try configuration.validate()
        }
        #expect(error?.description.contains(named) == true, "\(error?.description ?? "")")
    }
}
