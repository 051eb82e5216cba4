import Foundation
import LiveKitCore
import Testing

@testable import LiveKitServerKit

/// The program as a person starts it. It is built along with the tests.
private enum DemoServerProgram {
    static let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../.build/debug/demo-server").standardizedFileURL
    static let isBuilt = FileManager.default.isExecutableFile(atPath: url.path())
}

@Suite("demo-server's commands", .enabled(if: DemoServerProgram.isBuilt), .timeLimit(.minutes(1)))
struct DemoServerTests {
    private static let secret = "a secret of more than 32 characters"

    private static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = DemoServerProgram.url
        process.arguments = arguments
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static func token(_ arguments: [String]) throws -> TokenClaims {
        let made = try run(
            ["create-join-token", "--room", "r", "--identity", "i", "--keys", "k: \(secret)"] + arguments)
        let text = made.output.trimmingPrefix("Token: ").trimmingCharacters(in: .whitespacesAndNewlines)
        return try TokenVerifier(secrets: ["k": secret]).verify(text, now: TestServer.now())
    }

    @Test("A token to join with is valid for thirty days; a recorder's hides its holder, who only subscribes")
    func createsJoinTokens() throws {
        let usual = try Self.token([])
        #expect(usual.identity == "i" && usual.video == VideoGrant(room: "r", roomJoin: true))
        let life = usual.expiresAt.secondsSinceEpoch - TestServer.now().secondsSinceEpoch
        #expect((30 * 86_400 - 60...30 * 86_400).contains(life))
        let video = try #require(try Self.token(["--recorder"]).video)
        #expect(video.hidden && video.recorder && video.canPublish == false && video.canPublishData == false)
        #expect(video.roomJoin && video.canSubscribe != false)
    }

    @Test("Flags, environment and file come together, and LiveKit's flags for profiles are taken")
    func flags() throws {
        let body = "port: 7000\nprometheus: {port: 6789}"
        let flags = [
            "ports", "--config-body", body, "--udp-port", "7900-7910", "--rtc.tcp_port=7901", "--cpuprofile", "c",
            "--memprofile", "m", "--dev",
        ]
        let ports = try Self.run(flags, environment: ["LIVEKIT_TURN_ENABLED": "true", "LIVEKIT_TURN_UDP_PORT": "3478"])
        #expect(ports.status == 0)
        for line in ["7000 - HTTP service", "7901 - ICE/TCP", "7900 - ICE/UDP", "3478 - TURN/UDP", "6789 - Prometheus"]
        {
            #expect(ports.output.contains(line), "\(ports.output)")
        }
        let wrong = try Self.run(["ports", "--rtc.udp_prot", "1"])
        #expect(wrong.status != 0 && wrong.output.contains("did you mean --rtc.udp_port?"))
    }

    @Test("Keys are made, and every key of the configuration is listed")
    func othersCommands() throws {
        let keys = try Self.run(["generate-keys"])
        #expect(keys.output.contains("API Key:  API") && keys.output.contains("API Secret:  "))
        #expect(try Self.run(["help-verbose"]).output.contains("--rtc.udp_port"))
    }
}
