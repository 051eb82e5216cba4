import Foundation
import Logging
import Testing

@testable import LiveKitServerKit

@Suite("Configuration: LiveKit's keys")
struct ConfigurationKeyTests {
    /// A file in which every key of the table stands, each with a value of its kind.
    private static func everyKey() throws -> ConfigurationReader {
        var document = try ConfigurationDocument(
            yaml: ConfigurationKey.all.filter { $0.kind == .structure && !$0.path.contains(".") }
                .map { "\($0.path): ~\n" }.joined())
        for key in ConfigurationKey.all where key.kind != .structure { try document.set(key, to: sample(of: key)) }
        return ConfigurationReader(mapping: document.mapping, report: ConfigurationReport())
    }

    /// Of texts that are one of a few words.
    private static let words = [
        "node_selector.kind": "any", "node_selector.sort_by": "random", "node_selector.algorithm": "lowest",
    ]

    private static func sample(of key: ConfigurationKey) -> String {
        if let word = words[key.path] { return word }
        return switch key.kind {
        case .flag: "false"
        case .integer, .port, .number: "1"
        case .text: key.path.hasSuffix("level") ? "info" : "x"
        case .duration: "1s"
        case .portRange: "7000-7010"
        case .texts: "10.0.0.0/8"
        case .nodeIP: "192.0.2.1"
        case .structure: "~"
        }
    }

    @Test("Every key is accepted, and those without effect are told")
    func acceptsAll() throws {
        var reader = try Self.everyKey()
        let configuration = try LiveKitServerConfiguration(&reader)
        #expect(configuration.unknownKeys.isEmpty)
        #expect(configuration.keysWithoutEffect.contains("rtc.use_mdns"))
        #expect(configuration.keysWithoutEffect.contains("sip"))
        #expect(!configuration.keysWithoutEffect.contains("rtc.udp_port"))
        #expect(configuration.prometheus.port == 1 && configuration.debugPort == 1)
    }

    @Test("The table has every key that is read, so that it has a flag and stands in the list")
    func tableIsComplete() throws {
        var reader = try Self.everyKey()
        _ = try LiveKitServerConfiguration(&reader)
        let known = Set(ConfigurationKey.byPath.keys).union(ConfigurationKey.sections)
        // What stands inside of a list or of a mapping with free names is no key of the table.
        let missing = reader.report.asked.subtracting(known).filter { path in
            !ConfigurationKey.all.contains { $0.kind == .structure && path.hasPrefix($0.path + ".") }
        }
        #expect(missing.isEmpty, "add to ConfigurationKey: \(missing.sorted())")
    }

    @Test("Docs/Configuration.md has each key, and says truly whether it has an effect")
    func documentIsTrue() throws {
        var reader = try Self.everyKey()
        let configuration = try LiveKitServerConfiguration(&reader)
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let document = try String(contentsOf: root.appending(path: "Docs/Configuration.md"), encoding: .utf8)
        let lines = document.split(separator: "\n")
        for key in ConfigurationKey.all {
            let line = lines.first { $0.hasPrefix("| `\(key.path)` |") }
            guard let line else {
                Issue.record("Docs/Configuration.md lacks the key \(key.path)")
                continue
            }
            let saysNone = line.hasSuffix("no effect yet |")
            // What stands inside of a section cannot be said in one line of text; its readers are tested by themselves.
            if key.kind == .structure, key.path.contains(".") { continue }
            #expect(
                saysNone == configuration.keysWithoutEffect.contains(key.path),
                "Docs/Configuration.md is wrong about the effect of \(key.path)")
        }
    }

    @Test(
        "A slip names the key that was meant, and its line",
        arguments: [
            ("port: 1\nprot: 1", "unknown key prot (line 2); did you mean port?"),
            ("rtc:\n  udp_prot: 1", "unknown key rtc.udp_prot (line 2); did you mean rtc.udp_port?"),
            ("node_ip: 192.0.2.1", "unknown key node_ip (line 1); did you mean rtc.node_ip?"),
            ("redis:\n  adress: x", "unknown key redis.adress (line 2); did you mean redis.address?"),
            ("wholly_other: 1", "unknown key wholly_other (line 1)"),
            ("rtc:\n  use_mdns: perhaps", "rtc.use_mdns must be true or false (line 2)"),
            ("http:\n  header_timeout: 30", "http.header_timeout must be given with its unit, such as 30s (line 2)"),
            ("http:\n  header_timeout: soon", "http.header_timeout must be a duration"),
            ("log_level: trace", "log_level must be one of debug, info, warn and error (line 1)"),
            ("logging:\n  level: notice", "logging.level must be one of debug, info, warn and error (line 2)"),
            ("logging:\n  level: [info]", "logging.level must be one of debug, info, warn and error (line 2)"),
            (
                "logging:\n  component_levels:\n    livekit: debug\n    livekit.turn: critical",
                "logging.component_levels.livekit.turn must be one of debug, info, warn and error (line 4)"
            ),
            ("logging:\n  component_levels: debug", "logging.component_levels must be a mapping (line 2)"),
            ("rtc:\n  udp_port: 9-8", "rtc.udp_port must be a port, or a range"),
            ("port: 1\nport: 2", "not YAML: port stands there twice (line 1)"),
            ("signal_relay: 3", "signal_relay must be a mapping (line 1)"),
        ])
    func slips(_ yaml: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try LiveKitServerConfiguration(yaml: yaml) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test("Slips can be passed over, and are told then")
    func passesOver() throws {
        var sources = ConfigurationSources()
        sources.body = "prot: 1\nrtc: {x: {y: 2}, udp_port: 7000}"
        #expect(throws: ConfigurationError.self) { try LiveKitServerConfiguration(sources) }
        sources.isStrict = false
        let configuration = try LiveKitServerConfiguration(sources)
        #expect(configuration.unknownKeys == ["prot", "rtc.x"] || configuration.unknownKeys == ["rtc.x", "prot"])
        #expect(configuration.rtc.udpPort == 7000)
    }

    @Test("An error in the file does not show what stands there")
    func hidesSecrets() {
        let error = #expect(throws: ConfigurationError.self) {
            try LiveKitServerConfiguration(yaml: "keys:\n  a: thesecret\n bad: [")
        }
        #expect(error?.description.contains("thesecret") == false)
    }

    @Test(
        "Durations",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("7.5s", .milliseconds(7500)), ("1h30m", .seconds(5400)),
            ("2000000", .milliseconds(2)), ("1", .nanoseconds(1)), ("0", .zero), ("1us", .microseconds(1)),
        ])
    func durations(_ text: String, _ value: Duration) {
        #expect(DurationText.parse(text) == value)
    }

    @Test("No durations", arguments: ["", "s", "-1", "-1s", "1x", "1.2.3s", "99999999h", "1s ", "ns5", "1e5s", "infs"])
    func noDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("Development keeps what was said outright")
    func development() throws {
        let configuration = try LiveKitServerConfiguration(yaml: "development: true\nlogging: {level: warn}")
        #expect(configuration.logLevel == .warning && configuration.keys == ["devkey": "secret"])
        #expect(configuration.turn.relayRangeEnd == 30_002)
        #expect(try LiveKitServerConfiguration(yaml: "development: true").logLevel == .debug)
        #expect(try LiveKitServerConfiguration(yaml: "development: true\nkey_file: /x").keys.isEmpty)
    }

    @Test("The ports that are opened are listed")
    func ports() throws {
        let configuration = try LiveKitServerConfiguration(
            yaml: """
                prometheus: {port: 6789}
                turn: {enabled: true, udp_port: 3478, relay_range_start: 40000, relay_range_end: 40100}
                """)
        #expect(
            configuration.ports.map(\.description) == [
                "7880 - HTTP service", "7881 - ICE/TCP", "7882 - ICE/UDP", "3478 - TURN/UDP",
                "40000-40100 - TURN relays", "6789 - Prometheus metrics",
            ])
    }

    @Test("API keys are made as LiveKit makes them")
    func apiKeys() {
        let pairs = (0..<50).map { _ in APIKeyPair.random() }
        #expect(pairs.allSatisfy { $0.key.hasPrefix("API") && $0.key.count == 15 && $0.secret.utf8.count >= 32 })
        #expect(Set(pairs).count == 50)
    }
}
