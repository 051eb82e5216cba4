internal import Foundation
internal import Glibc
internal import Synchronization

/// A real `redis-server` on a port of 127.0.0.1, which keeps nothing. It ends with this value.
///
/// Suites that need it are enabled if ``isInstalled``.
package final class RedisServerProcess: Sendable {
    private static let program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package static var isInstalled: Bool { program != nil }

    /// Why a test cannot go on.
    package struct Failure: Error {
        let reason: String
    }

    package let port: Int
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    /// Starts a server and waits until it accepts connections.
    ///
    /// More arguments may be such as `--requirepass`. With a certificate it talks TLS alone, to clients that have the same
    /// one. A configuration is a file to start from, before all arguments.
    package init(_ extra: [String] = [], tls: TestCertificate? = nil, configuration: [String] = []) throws {
        let port = try Self.freePort()
        self.port = port
        let listening =
            tls.map {
                ["--port", "0", "--tls-port", "\(port)", "--tls-cert-file", $0.certificate, "--tls-key-file", $0.key]
                    + ["--tls-ca-cert-file", $0.certificate]
            } ?? ["--port", "\(port)"]
        arguments =
            configuration + listening + ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--loglevel"]
            + ["warning"] + extra
        try start()
    }

    deinit { kill() }

    /// Starts it again, on the same port.
    package func start() throws {
        try process.withLock { current in
            let process = Process()
            process.executableURL = Self.program.map { URL(filePath: $0) }
            process.arguments = arguments
            process.currentDirectoryURL = FileManager.default.temporaryDirectory
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            current = process
        }
        for _ in 0..<1000 where !Self.accepts(port) { Thread.sleep(forTimeInterval: 0.01) }
        guard Self.accepts(port) else { throw Failure(reason: "redis-server does not accept connections") }
    }

    /// Ends it at once; connections break.
    package func kill() {
        process.withLock { current in
            guard let process = current else { return }
            _ = Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            current = nil
        }
    }

    /// Makes it hang: connections stay, and nothing is answered.
    package func pause() { signal(SIGSTOP) }

    package func resume() { signal(SIGCONT) }

    private func signal(_ number: CInt) {
        process.withLock { if let process = $0 { _ = Glibc.kill(process.processIdentifier, number) } }
    }

    // MARK: Ports

    /// A port that nobody listens on.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else { throw Failure(reason: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return address
    }
}
