internal import CLiveKitSystem
internal import Glibc
package import LiveKitCore

/// A listening TCP socket for passive candidates (RFC 6544), closed with its owner.
package final class TCPListener {
    let descriptor: CInt
    /// Where it is bound, with the port that the kernel chose for port 0.
    package let localAddress: TransportAddress

    /// Opens, binds and listens.
    ///
    /// - Throws: ``SocketError`` with the system's error number.
    package init(binding address: TransportAddress) throws(SocketError) {
        var bound = lk_address()
        let descriptor = unsafe lk_tcp_listen(address.system, StreamLimits.backlog, &bound)
        guard descriptor >= 0 else { throw SocketError(operation: "listen", address: address, code: errno) }
        self.descriptor = descriptor
        localAddress = TransportAddress(bound)
    }

    deinit {
        lk_close(descriptor)
    }
}
