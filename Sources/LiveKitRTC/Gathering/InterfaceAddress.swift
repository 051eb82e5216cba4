package import LiveKitCore

/// One address of one of this host's interfaces.
package struct InterfaceAddress: Hashable, Sendable {
    /// Such as `eth0`.
    package let interface: String
    /// With port 0.
    package let address: TransportAddress

    package init(interface: String, address: TransportAddress) {
        self.interface = interface
        self.address = address.with(port: 0)
    }
}

/// Which interfaces may be used: LiveKit's `rtc.interfaces`. Where some are included, the rest is excluded, whatever
/// `excludes` says.
package struct InterfaceFilter: Hashable, Sendable {
    package var includes: [String]
    package var excludes: [String]

    package init(includes: [String] = [], excludes: [String] = []) {
        self.includes = includes
        self.excludes = excludes
    }

    package func allows(_ interface: String) -> Bool {
        includes.isEmpty ? !excludes.contains(interface) : includes.contains(interface)
    }
}

/// Which addresses may be used: LiveKit's `rtc.ips`. Where some are included, the rest is excluded, whatever
/// `excludes` says.
package struct AddressFilter: Hashable, Sendable {
    package var includes: [AddressBlock]
    package var excludes: [AddressBlock]

    package init(includes: [AddressBlock] = [], excludes: [AddressBlock] = []) {
        self.includes = includes
        self.excludes = excludes
    }

    package func allows(_ address: TransportAddress) -> Bool {
        includes.isEmpty
            ? !excludes.contains { $0.contains(address) } : includes.contains { $0.contains(address) }
    }
}
