import Foundation
import LiveKitClient
import LiveKitCore
import LiveKitServerKit
import LiveKitTestSupport
import NIOCore
import NIOPosix

/// A certificate for `localhost` with its key, in files of a folder that goes with it.
final class LocalhostCertificate {
    let folder: URL
    let certificate: String
    let key: String
    let pem: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "turn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path
        key = folder.appending(path: "key.pem").path
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/env")
        openssl.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        pem = try String(contentsOfFile: certificate, encoding: .utf8)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Credentials and settings for TURN on this host.
enum TURNRig {
    /// What the embedded server believes.
    static func credentials() -> TURNCredentials {
        TURNCredentials(
            apiKey: "devkey", apiSecret: "secret", participant: "PA_relayed", lifetimeSeconds: 300,
            now: Int64(Date().timeIntervalSince1970))
    }

    /// The embedded server on loopback addresses, over UDP, and over TCP or with a certificate TLS.
    static func embed(
        in configuration: inout LiveKitServerConfiguration, udpPort: Int, streamPort: Int,
        certificate: LocalhostCertificate?
    ) {
        configuration.rtc.nodeIP = "127.0.0.1"
        configuration.turn.isEnabled = true
        configuration.turn.bindAddresses = ["127.0.0.1"]
        configuration.turn.domain = "localhost"
        configuration.turn.udpPort = udpPort
        configuration.turn.tlsPort = streamPort
        configuration.turn.hasExternalTLS = certificate == nil
        configuration.turn.certificateFile = certificate?.certificate ?? ""
        configuration.turn.keyFile = certificate?.key ?? ""
        configuration.turn.relayRangeStart = 43_000
        configuration.turn.relayRangeEnd = 43_200
        configuration.turn.allowRestrictedPeerCIDRs = ["127.0.0.0/8"]
    }
}

/// Debian's `coturn` as a TURN server, where it is installed.
final class CoturnServer {
    static let executable = ["/usr/bin/turnserver", "/usr/local/bin/turnserver"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static var isInstalled: Bool { executable != nil }

    let port: Int
    let tlsPort: Int
    private let process = Process()

    init(_ certificate: LocalhostCertificate) async throws {
        port = try FreePort.find()
        tlsPort = try FreePort.find()
        process.executableURL = URL(filePath: Self.executable ?? "")
        process.currentDirectoryURL = certificate.folder
        process.arguments = [
            "-n", "--no-cli", "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", "\(port)",
            "--tls-listening-port", "\(tlsPort)", "--min-port", "43300", "--max-port", "43500", "--lt-cred-mech",
            "--user", "alice:wonderland", "--realm", "example.com", "--allow-loopback-peers", "--cert",
            certificate.certificate, "--pkey", certificate.key, "--log-file", "stdout", "--userdb",
            certificate.folder.appending(path: "turndb").path, "--pidfile",
            certificate.folder.appending(path: "pid").path,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func server(_ urls: [String]) -> IceServer {
        IceServer(urls: urls, username: "alice", credential: "wonderland")
    }

    /// Waits until it listens.
    func started() async -> Bool {
        await eventually {
            let connection = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            try? await connection?.close()
            return connection != nil
        }
    }

    /// It inherits the signals that our threads block, so the gentle one does not reach it.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
    }
}
