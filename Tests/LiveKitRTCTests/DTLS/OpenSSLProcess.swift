import Foundation
import Synchronization

@testable import LiveKitRTC

/// A running `openssl s_client` or `s_server`.
final class OpenSSLProcess {
    /// The port that it talks from or listens on.
    let port: UInt16
    private let process = Process()
    private let input = Pipe()
    private let pipe = Pipe()
    private let text = Text()

    /// What it says, written on a thread of its own.
    private final class Text: Sendable {
        private let words = Mutex("")
        var value: String { words.withLock { $0 } }
        func append(_ more: String) { words.withLock { $0 += more } }
    }

    /// Starts the opposite of `role`. `port` is ours, `spare` one for a server.
    init(role: DTLSTransport.Role, folder: URL, port: UInt16, spare: UInt16) throws {
        self.port = spare
        process.executableURL = OpenSSLCommandTests.program.map { URL(filePath: $0) }
        let certificate = [
            "-cert", folder.appending(path: "certificate.pem").path, "-key", folder.appending(path: "key.pem").path,
        ]
        let srtp = [
            "-dtls1_2", "-use_srtp", "SRTP_AES128_CM_SHA1_80", "-keymatexport", "EXTRACTOR-dtls_srtp",
            "-keymatexportlen", "60",
        ]
        process.arguments =
            role == .server
            ? ["s_client", "-connect", "127.0.0.1:\(port)"] + srtp + certificate
            : ["s_server", "-accept", "127.0.0.1:\(spare)", "-Verify", "1"] + srtp + certificate
        process.standardInput = input
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { [text] handle in
            let data = handle.availableData
            text.append(String(decoding: data, as: UTF8.self))
        }
        try process.run()
    }

    var output: String { text.value }

    /// What follows `Keying material: `.
    var exportedKeys: String? {
        let parts = output.components(separatedBy: "Keying material: ")
        return parts.dropFirst().first?.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    func type(_ line: String) {
        input.fileHandleForWriting.write(Data(line.utf8))
    }

    func waitForOutput(_ part: String, seconds: Double) -> Bool {
        let end = Date.now.addingTimeInterval(seconds)
        while Date.now < end {
            if output.contains(part) { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    func stop() {
        pipe.fileHandleForReading.readabilityHandler = nil
        process.terminate()
        process.waitUntilExit()
    }
}
