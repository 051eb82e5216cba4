internal import CLiveKitSystem
package import LiveKitCore

/// The addresses of this host's interfaces that are up.
package enum NetworkInterfaces {
    /// More than any sane host has; the rest is left out.
    private static let maximum = 64

    /// Addresses with port 0, link-local ones left out (they need a zone to be of use).
    package static func addresses() -> [TransportAddress] {
        var found = [lk_address](repeating: lk_address(), count: maximum)
        let count = unsafe found.withUnsafeMutableBufferPointer { buffer in
            unsafe lk_interface_addresses(buffer.baseAddress, CInt(buffer.count))
        }
        return found.prefix(Int(count)).map { TransportAddress($0).with(port: 0) }.filter { !$0.isLinkLocal }
    }
}
