internal import Foundation
internal import Glibc

/// LiveKit's mock of its server (`cmd/test-server`), if the environment says by `LIVEKIT_TEST_SERVER` where it is: one
/// listener for each region. It ends with this value.
package final class MockServerProcess: Sendable {
    package static let program = ProcessInfo.processInfo.environment["LIVEKIT_TEST_SERVER"]
    /// The API secret that tokens must be signed with; any key will do.
    package static let secret = "secret"

    /// Why a test cannot go on.
    package struct Failure: Error {
        let reason: String
    }

    package let ports: [Int]
    private let process: Process

    /// Starts it and waits until all its regions accept connections.
    package init(regions: Int = 1) throws {
        ports = try (0..<regions).map { _ in try FreePort.find() }
        process = Process()
        process.executableURL = URL(filePath: Self.program ?? "")
        process.arguments = [
            "--bind", "127.0.0.1", "--ports", ports.map(String.init).joined(separator: ","), "--api-secret",
            Self.secret,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1000 where !ports.allSatisfy(RedisServerProcess.accepts) { Thread.sleep(forTimeInterval: 0.01) }
        guard ports.allSatisfy(RedisServerProcess.accepts) else {
            throw Failure(reason: "the mock server does not accept connections")
        }
    }

    deinit {
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
