import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Takes TLS connections under a certificate made for the occasion, and hands what they carry to a port of this host,
/// as the proxy before a media server does.
func withTLSTerminator(before port: Int, _ body: (Int) async throws -> Void) async throws {
    let context = try NIOSSLContext(configuration: selfSignedConfiguration())
    let listener = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
        .childChannelInitializer { client in
            client.eventLoop.makeCompletedFuture {
                try client.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }.flatMap {
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port)
            }.flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Relay(to: server))
                    try server.pipeline.syncOperations.addHandler(Relay(to: client))
                }
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        try await body(listener.localAddress?.port ?? 0)
    } catch {
        try await listener.close()
        throw error
    }
    try await listener.close()
}

private func selfSignedConfiguration() throws -> TLSConfiguration {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (key, certificate) = (folder.appending(path: "key.pem").path, folder.appending(path: "certificate.pem").path)
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments =
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        + ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    return TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
}

/// Hands on what it reads.
private final class Relay: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let target: any Channel

    init(to target: any Channel) {
        self.target = target
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        target.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        target.close(promise: nil)
    }
}
