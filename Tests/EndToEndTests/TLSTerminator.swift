import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What clients of a TLS terminator did.
final class TerminatedTraffic: Sendable {
    private let counts = Mutex((connections: 0, bytes: 0))

    /// TCP connections, whatever became of TLS on them.
    var connections: Int { counts.withLock { $0.connections } }
    /// Bytes that came decrypted from clients.
    var bytes: Int { counts.withLock { $0.bytes } }

    fileprivate func add(connections: Int = 0, bytes: Int = 0) {
        counts.withLock { $0 = ($0.connections + connections, $0.bytes + bytes) }
    }
}

/// Takes TLS connections under a certificate, and hands what they carry to a port of this host, as the proxy before a
/// media server does.
func withTLSTerminator(
    before port: Int, _ certificate: LocalhostCertificate, counting traffic: TerminatedTraffic = TerminatedTraffic(),
    _ body: (Int) async throws -> Void
) async throws {
    let context = try NIOSSLContext(
        configuration: .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))))
    let listener = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
        .childChannelInitializer { client in
            traffic.add(connections: 1)
            return client.eventLoop.makeCompletedFuture {
                try client.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }.flatMap {
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port)
            }.flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Relay(to: server, counting: traffic))
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

/// Hands on what it reads.
private final class Relay: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let target: any Channel
    private let traffic: TerminatedTraffic?

    init(to target: any Channel, counting traffic: TerminatedTraffic? = nil) {
        self.target = target
        self.traffic = traffic
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        traffic?.add(bytes: bytes.readableBytes)
        target.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        target.close(promise: nil)
    }
}
