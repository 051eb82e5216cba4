import Foundation
import LiveKitCore
import Logging

@testable import LiveKitServerKit

/// Debian's `coturn` package as a client of the server's TURN server, where it is installed.
enum CoturnTools {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What `turnutils_uclient` counted at its end.
    struct Outcome {
        let status: Int32
        let sent: Int
        let received: Int
        let output: String
    }

    static let client = tool("turnutils_uclient")
    static let peer = tool("turnutils_peer")
    static let openSSL = tool("openssl")
    static var areInstalled: Bool { client != nil && peer != nil && openSSL != nil }

    private static func tool(_ name: String) -> URL? {
        ["/usr/bin", "/usr/local/bin", "/bin"].map { URL(filePath: $0).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    static func process(_ tool: URL?, _ arguments: [String]) throws -> Process {
        guard let tool else { throw Failure(description: "not installed") }
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }

    /// Runs a tool to its end, with a limit, and returns what it wrote.
    static func run(_ tool: URL?, _ arguments: [String], seconds: Double) async throws -> (Int32, String) {
        let log = FileManager.default.temporaryDirectory.appending(path: "turn-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try process(tool, arguments)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        var waited = 0.0
        while process.isRunning, waited < seconds {
            try await Task.sleep(for: .milliseconds(50))
            waited += 0.05
        }
        stop(process)
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: try Data(contentsOf: log), as: UTF8.self))
    }

    /// Sends messages through the server to `turnutils_peer` and back.
    static func exercise(
        _ flags: [String], port: Int, credentials: TURNCredentials, peerHost: String, peerPort: Int
    ) async throws -> Outcome {
        let echo = try process(peer, ["-L", peerHost, "-p", "\(peerPort)"])
        try echo.run()
        defer { stop(echo) }
        try await Task.sleep(for: .milliseconds(300))
        let arguments =
            flags + [
                "-u", credentials.username, "-w", credentials.password, "-e", peerHost, "-r", "\(peerPort)", "-p",
                "\(port)", "127.0.0.1",
            ]
        let (status, output) = try await run(client, arguments, seconds: 60)
        return Outcome(
            status: status, sent: last("tot_send_msgs=", output), received: last("tot_recv_msgs=", output),
            output: output)
    }

    /// What we start inherits the signals that our threads block, so the gentle one does not reach it.
    private static func stop(_ process: Process) {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    private static func last(_ name: String, _ output: String) -> Int {
        guard let range = output.range(of: name, options: .backwards) else { return -1 }
        return Int(output[range.upperBound...].prefix(while: \.isNumber)) ?? -1
    }

    /// A certificate of its own, in a folder that the caller removes.
    static func certificate(in folder: URL) async throws -> (certificate: String, key: String) {
        let certificate = folder.appending(path: "turn.crt").path
        let key = folder.appending(path: "turn.key").path
        let (status, output) = try await run(
            openSSL,
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=turn.example.com", "-out",
                certificate, "-keyout", key,
            ], seconds: 30)
        guard status == 0 else { throw Failure(description: output) }
        return (certificate, key)
    }
}
