import Foundation
import Glibc
import LiveKitCore
import Testing

@testable import LiveKitRTC

/// OpenSSL's command line as the peer, over real UDP on the loopback interface and in real time.
@Suite("DTLS against `openssl s_client` and `s_server`", .serialized)
struct OpenSSLCommandTests {
    static let program = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test("We serve s_client", .enabled(if: program != nil, "needs the openssl command"))
    func serves() throws {
        try exchange(role: .server)
    }

    @Test("We call s_server", .enabled(if: program != nil, "needs the openssl command"))
    func calls() throws {
        try exchange(role: .client)
    }

    /// Connects, compares the keying material that both sides export, and sends a line each way.
    private func exchange(role: DTLSTransport.Role) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dtls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fingerprint = try makeCertificate(in: folder)
        let ours = try DTLSCertificate()
        let transport = try DTLSTransport(role: role, certificate: ours, remoteFingerprint: fingerprint)
        let socket = try LoopbackSocket()
        let command = try OpenSSLProcess(
            role: role, folder: folder, port: socket.port, spare: LoopbackSocket.sparePort())
        defer { command.stop() }
        // Where we call, OpenSSL has chosen no port yet when it starts: it says when it listens.
        if role == .client {
            #expect(command.waitForOutput("ACCEPT", seconds: 10))
            socket.peerPort = command.port
        }
        let material = try #require(drive(transport, socket, seconds: 15) { transport.connectedMaterial })
        #expect(material.profile == .aes128CMHMACSHA1_80)
        #expect(command.waitForOutput("Keying material: ", seconds: 5))
        #expect(command.exportedKeys == exported(material, role: role))

        command.type("from openssl\n")
        let line = drive(transport, socket, seconds: 5) { transport.pollApplicationData() }
        #expect(line.map { String(decoding: $0, as: UTF8.self) } == "from openssl\n")
        transport.send(Array("from us\n".utf8))
        _ = drive(transport, socket, seconds: 5) { command.output.contains("from us") ? true : nil }
        #expect(command.output.contains("from us"))
        transport.close()
        while let datagram = transport.pollTransmit() { socket.send(datagram) }
    }

    private func makeCertificate(in folder: URL) throws -> DTLSFingerprint {
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=openssl", "-keyout", folder.appending(path: "key.pem").path, "-out",
            folder.appending(path: "certificate.pem").path)
        let text = try run(
            "x509", "-in", folder.appending(path: "certificate.pem").path, "-noout", "-fingerprint", "-sha256")
        let value = try #require(text.split(separator: "=").last)
        return try DTLSFingerprint(
            algorithm: "sha-256", value: value.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @discardableResult
    private func run(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.program))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// Client key, server key, client salt, server salt (RFC 5764 §4.2), as OpenSSL prints them.
    private func exported(_ material: SRTPKeyingMaterial, role: DTLSTransport.Role) -> String {
        let (client, server) =
            role == .client ? (material.local, material.remote) : (material.remote, material.local)
        let bytes = client.key + server.key + client.salt + server.salt
        return bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().uppercased()
    }

    /// Carries datagrams until there is a result or the time is over.
    private func drive<Result>(
        _ transport: DTLSTransport, _ socket: LoopbackSocket, seconds: Int64, until result: () -> Result?
    ) -> Result? {
        let end = socket.now + .seconds(seconds)
        if socket.peerPort != nil || transport.role == .server { transport.start(now: socket.now) }
        while socket.now < end {
            while let datagram = transport.pollTransmit() { socket.send(datagram) }
            if let value = result() { return value }
            if let datagram = socket.receive(milliseconds: 10) { transport.receive(datagram, now: socket.now) }
            if transport.deadline.map({ $0 <= socket.now }) ?? false { transport.handleTimeout(now: socket.now) }
        }
        return nil
    }
}
