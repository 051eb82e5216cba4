import Foundation
import Synchronization

/// Ports for servers that have to be told theirs.
package enum FreePort {
    /// Below those that the system hands out by itself (`net.ipv4.ip_local_port_range`), so that nobody is given a port of
    /// ours between our look at it and the server's binding it.
    private static let range = 20_000..<30_000
    /// Each call begins behind the one before, and each process elsewhere.
    private static let next = Atomic<Int>(Int(getpid()) * 97)

    /// A port that is free on this host, for UDP and TCP alike. No other call in this process gets it soon.
    package static func find() throws -> Int {
        for _ in range {
            let port = range.lowerBound + next.wrappingAdd(1, ordering: .relaxed).oldValue % range.count
            if isFree(port, SOCK_STREAM), isFree(port, SOCK_DGRAM) { return port }
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static func isFree(_ port: Int, _ kind: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, CInt(kind.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = INADDR_ANY
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
