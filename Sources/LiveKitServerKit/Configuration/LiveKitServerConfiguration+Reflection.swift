// Whatever prints or dumps a part of the configuration sees what it is about, and no secret of it.

extension LiveKitServerConfiguration: CustomStringConvertible, CustomReflectable {
    /// What is configured, without the secrets.
    public var description: String {
        "LiveKitServerConfiguration(port: \(port), bindAddresses: \(bindAddresses), keys: \(keys.keys.sorted()))"
    }

    /// The same.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["port": port, "bindAddresses": bindAddresses, "keys": keys.keys.sorted()] as KeyValuePairs)
    }
}

extension LiveKitServerConfiguration.Redis: CustomReflectable {
    /// Which Redis, and as whom.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "address": address, "sentinelAddresses": sentinelAddresses, "username": username, "database": database,
                "tls": tls,
            ] as KeyValuePairs)
    }
}

extension LiveKitServerConfiguration.Prometheus: CustomReflectable {
    /// Where, and for whom.
    public var customMirror: Mirror {
        Mirror(self, children: ["port": port, "username": username] as KeyValuePairs)
    }
}

extension LiveKitServerConfiguration.TURNServer: CustomReflectable {
    /// Which server, and as whom.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["host": host, "port": port, "transport": transport, "username": username] as KeyValuePairs)
    }
}
