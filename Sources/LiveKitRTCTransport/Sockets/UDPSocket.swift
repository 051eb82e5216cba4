internal import CLiveKitSystem
internal import Glibc
package import LiveKitCore

/// One non-blocking UDP socket, closed with its owner.
package final class UDPSocket {
    /// Asked of the kernel for each direction; a burst of a key frame to many subscribers fits.
    private static let bufferBytes: CInt = 4 << 20

    let descriptor: CInt
    /// Where it is bound, with the port that the kernel chose for port 0.
    package let localAddress: TransportAddress

    /// Opens and binds.
    ///
    /// - Throws: ``SocketError`` with the system's error number, `EADDRINUSE` most of all.
    package init(binding address: TransportAddress) throws(SocketError) {
        var bound = lk_address()
        let descriptor = unsafe lk_udp_open(address.system, Self.bufferBytes, &bound)
        guard descriptor >= 0 else { throw SocketError(operation: "bind", address: address, code: errno) }
        self.descriptor = descriptor
        localAddress = TransportAddress(bound)
    }

    deinit {
        lk_close(descriptor)
    }
}

/// The system refused a socket operation.
package struct SocketError: Error, CustomStringConvertible {
    package let operation: String
    package let address: TransportAddress
    /// `errno`.
    package let code: Int32

    package var description: String {
        let reason = unsafe String(cString: strerror(code))
        return "\(operation) \(address): \(reason)"
    }
}
