import LiveKitPSRPC
import Testing

@testable import LiveKitServerKit

@Suite("Configuration: redis and node_selector")
struct ClusterConfigurationTests {
    private static func load(_ yaml: String) throws -> LiveKitServerConfiguration {
        let configuration = try LiveKitServerConfiguration(yaml: "keys:\n  k: s\n" + yaml)
        try configuration.validate()
        return configuration
    }

    @Test("A server with a user, a database and TLS")
    func readsRedis() throws {
        let configuration = try Self.load(
            """
            redis:
              address: redis.example:6380
              username: livekit
              password: word
              db: 3
              dial_timeout: 1500
              read_timeout: 300
              write_timeout: 200
              tls:
                enabled: true
                insecure: true
                server_name: other.example
                ca_cert_file: /ca.pem
                client_cert_file: /cert.pem
                client_key_file: /key.pem
            """)
        #expect(configuration.keysWithoutEffect.isEmpty)
        let redis = try #require(RedisConfiguration(configuration.redis))
        #expect(redis.servers == .single(RedisAddress(host: "redis.example", port: 6380)))
        #expect(redis.credentials == .init(username: "livekit", password: "word") && redis.database == 3)
        #expect(redis.connectTimeout == .milliseconds(1500) && redis.commandTimeout == .milliseconds(500))
        let tls = try #require(redis.tls)
        #expect(tls.isInsecure && tls.serverName == "other.example" && tls.caCertificateFile == "/ca.pem")
        #expect(tls.clientCertificateFile == "/cert.pem" && tls.clientKeyFile == "/key.pem")
    }

    @Test("Sentinels, the older key of TLS, and no Redis at all")
    func readsSentinels() throws {
        let configuration = try Self.load(
            """
            redis:
              use_tls: true
              sentinel_master_name: main
              sentinel_addresses: [10.0.0.1:26379, "[::1]:26380"]
              sentinel_username: u
              sentinel_password: p
            """)
        let redis = try #require(RedisConfiguration(configuration.redis))
        let addresses = [RedisAddress(host: "10.0.0.1", port: 26_379), RedisAddress(host: "::1", port: 26_380)]
        #expect(redis.servers == .sentinels(addresses, master: "main"))
        #expect(redis.sentinelCredentials == .init(username: "u", password: "p") && redis.tls == RedisTLS())
        #expect(configuration.redis.isConfigured && redis.commandTimeout == .seconds(3))
        #expect(try !Self.load("").redis.isConfigured)
    }

    @Test("The choice of nodes, with LiveKit's defaults and words")
    func readsNodeSelector() throws {
        #expect(try Self.load("").nodeSelector == .init())
        let selector = try Self.load(
            """
            region: us-east
            node_selector:
              kind: regionaware
              sort_by: bytespersec
              algorithm: twochoice
              cpu_load_limit: 0.5
              sysload_limit: 0.7
              regions:
                - {name: us-east, lat: 40.68, lon: -74.04}
                - {name: us-west, lat: 37.64, lon: -120.88}
            """
        ).nodeSelector
        #expect(selector.kind == .regionAware && selector.order == .bytesPerSecond && selector.algorithm == .twoChoice)
        #expect(selector.cpuLoadLimit == 0.5 && selector.systemLoadLimit == 0.7 && selector.regions.count == 2)
        #expect(selector.regions[1].name == "us-west" && selector.regions[1].longitude == -120.88)
        #expect(try Self.load("node_selector:\n  kind: random").nodeSelector.kind == .any)
    }

    @Test(
        "What cannot work is said before anything starts",
        arguments: [
            ("redis:\n  address: nowhere:x", "nowhere:x is not a host and port"),
            ("redis:\n  address: ::1", "::1 is not a host and port"),
            ("redis:\n  cluster_addresses: [a:1]", "Redis Cluster is not served"),
            ("redis:\n  sentinel_addresses: [a:1]", "sentinel_master_name belong together"),
            ("redis:\n  sentinel_master_name: main", "sentinel_master_name belong together"),
            ("redis:\n  address: a:1\n  tls:\n    client_cert_file: x", "client_key_file belong together"),
            ("redis:\n  db: -1", "redis.db must be from 0"),
            ("node_selector:\n  kind: best", "kind must be one of any, cpuload, sysload, regionaware"),
            ("node_selector:\n  sort_by: name", "sort_by must be one of random, sysload"),
            ("node_selector:\n  algorithm: x", "algorithm must be one of lowest, twochoice"),
            ("node_selector:\n  kind: regionaware", "set region"),
            (
                "region: a\nnode_selector:\n  kind: regionaware\n  regions: [{name: b}]",
                "does not say where the region a is"
            ),
            ("node_selector:\n  regions: [{lat: 1}]", "needs a name"),
        ])
    func refuses(_ yaml: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.load(yaml) }
        #expect(error.map { "\($0)" }?.contains(message) == true, "\(String(describing: error))")
    }
}
