internal import NIOCore
internal import NIOSSL

/// How a connection to Redis is encrypted.
package struct RedisTLS: Equatable, Sendable {
    /// Whether the server's certificate is not verified.
    package var isInsecure = false
    /// Who the certificate must be of, when that is not the host that is connected to. One that is of the address which was
    /// connected to will do as well (NIOSSL).
    package var serverName = ""
    /// The files of trusted roots, our certificate and its key. Empty: the system's roots, no certificate of our own.
    package var caCertificateFile = ""
    package var clientCertificateFile = ""
    package var clientKeyFile = ""

    package init() {}

    /// - Throws: an error that names the file which cannot be read, or does not hold what it should.
    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if isInsecure { configuration.certificateVerification = .none }
        if !caCertificateFile.isEmpty {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(caCertificateFile))
        }
        if !clientCertificateFile.isEmpty {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(clientCertificateFile)
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: clientKeyFile, format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// The handler of one connection.
    func handler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        let name = serverName.isEmpty ? host : serverName
        // RFC 6066 §3: addresses have no place in a server name.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
    }
}
