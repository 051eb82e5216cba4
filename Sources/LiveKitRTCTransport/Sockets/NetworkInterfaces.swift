internal import CLiveKitSystem
internal import LiveKitCore
package import LiveKitRTC

/// The addresses of this host's interfaces that are up.
package enum NetworkInterfaces {
    /// More than any sane host has; the rest is left out.
    private static let maximum = 128

    /// All of them, loopback and link-local ones as well.
    package static func addresses() -> [InterfaceAddress] {
        var found = [lk_interface](repeating: lk_interface(), count: maximum)
        let count = unsafe found.withUnsafeMutableBufferPointer { buffer in
            unsafe lk_interface_addresses(buffer.baseAddress, CInt(buffer.count))
        }
        return found.prefix(Int(count)).map { interface in
            let name = unsafe withUnsafeBytes(of: interface.name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            return InterfaceAddress(interface: name, address: TransportAddress(interface.address))
        }
    }
}
