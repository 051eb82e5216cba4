import Foundation
import Logging
import Testing

@testable import LiveKitServerKit

@Suite("Configuration: flags, environment, file")
struct ConfigurationSourcesTests {
    private func load(
        body: String = "", environment: [String: String] = [:], arguments: [String] = []
    ) throws -> LiveKitServerConfiguration {
        var sources = ConfigurationSources()
        sources.body = body.isEmpty ? nil : body
        sources.environment = environment
        try sources.takeFlags(from: arguments)
        return try LiveKitServerConfiguration(sources)
    }

    @Test("Flags win over the environment, and that over the file")
    func order() throws {
        let body = "port: 1\nregion: file\nrtc: {udp_port: 3, node_ip: 192.0.2.1}"
        let environment = [
            "LIVEKIT_PORT": "2", "LIVEKIT_REGION": "environment", "UDP_PORT": "4", "NODE_IP": "192.0.2.2",
        ]
        let flags = ["--region", "flag", "--rtc.udp_port=5"]
        let file = try load(body: body)
        #expect(file.port == 1 && file.region == "file" && file.rtc.udpPort == 3)
        let both = try load(body: body, environment: environment)
        #expect(both.port == 2 && both.region == "environment" && both.rtc.udpPort == 4)
        #expect(both.rtc.nodeIP == "192.0.2.2")
        let all = try load(body: body, environment: environment, arguments: flags)
        #expect(all.port == 2 && all.region == "flag" && all.rtc.udpPort == 5)
    }

    @Test("LiveKit's own variables are read")
    func aliases() throws {
        let configuration = try load(environment: [
            "LIVEKIT_CONFIG": "port: 7000\nkeys: {a: b}", "LIVEKIT_KEYS": "k1: s1\nk2: s2",
            "LIVEKIT_TURN_CERT": "/c", "LIVEKIT_TURN_KEY": "/k", "LIVEKIT_LOG_LEVEL": "error",
            "LIVEKIT_BIND_ADDRESSES": "127.0.0.1, ::1", "LIVEKIT_URL": "ws://elsewhere", "LIVEKIT_API_KEY": "x",
        ])
        #expect(configuration.port == 7000 && configuration.keys == ["k1": "s1", "k2": "s2"])
        #expect(configuration.turn.certificateFile == "/c" && configuration.turn.keyFile == "/k")
        #expect(configuration.logLevel == .error && configuration.bindAddresses == ["127.0.0.1", "::1"])
        #expect(try load(environment: ["REDIS_HOST": "r:6379"]).redis.address == "r:6379")
    }

    @Test("Flags of keys: with a value, with an equals sign, or true by standing there")
    func flags() throws {
        let configuration = try load(arguments: [
            "--room.auto_create=false", "--development", "--rtc.use_ice_lite", "true", "--log_level", "warn",
            "--http.header_timeout", "5s",
        ])
        #expect(!configuration.room.isCreatedAutomatically && configuration.isDevelopment)
        #expect(configuration.rtc.usesICELite && configuration.logLevel == .warning)
        #expect(configuration.timeouts.requestHead == .seconds(5))
    }

    @Test(
        "A wrong flag or variable is named",
        arguments: [
            (["--rtc.udp_prot", "1"], [:], "unknown flag --rtc.udp_prot; did you mean --rtc.udp_port?"),
            (["--port"], [:], "--port needs a value"), (["stray"], [:], "unexpected argument stray"),
            (["--room.room_configurations", "x"], [:], "unknown flag"),
            ([], ["LIVEKIT_PORT": "many"], "port must be a number (LIVEKIT_PORT)"),
            (["--rtc.tcp_port", "70000"], [:], "rtc.tcp_port must be from 0 to 65535 (--rtc.tcp_port)"),
            (["--keys", "x"], [:], "unknown flag --keys"),
        ] as [([String], [String: String], String)])
    func wrong(_ arguments: [String], _ environment: [String: String], _ message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try load(environment: environment, arguments: arguments)
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("A value cannot stand inside of one")
    func insideOfValue() {
        #expect(throws: ConfigurationError.self) { try load(body: "rtc: 5", environment: ["UDP_PORT": "1"]) }
    }

    @Test("A key file is read, unless others can use it")
    func keyFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("k: from-the-file\n".utf8).write(to: file)
        func setPermissions(_ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
        }
        try setPermissions(0o640)
        let configuration = try load(body: "keys: {a: b}", arguments: ["--key_file", file.path()])
        #expect(configuration.keys == ["k": "from-the-file"], "a key that leaked is not kept")
        // As secrets are mounted into containers: by a link, whose own mode says nothing.
        let link = file.deletingPathExtension().appendingPathExtension("link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
        defer { try? FileManager.default.removeItem(at: link) }
        #expect(try load(arguments: ["--key_file", link.path()]).keys == configuration.keys)
        for mode in [0o644, 0o602, 0o601] {
            try setPermissions(mode)
            let error = #expect(throws: ConfigurationError.self) { try load(arguments: ["--key_file", file.path()]) }
            #expect(error?.description.contains("chmod") == true)
        }
        #expect(throws: ConfigurationError.self) { try load(arguments: ["--key_file", "/nowhere"]) }
    }

    @Test("The list of keys has a line for each")
    func manual() {
        let lines = ConfigurationSources.manual.split(separator: "\n")
        #expect(lines.count == ConfigurationKey.all.count)
        #expect(lines.contains { $0.hasPrefix("--rtc.udp_port") && $0.hasSuffix("(7882)") })
    }
}
