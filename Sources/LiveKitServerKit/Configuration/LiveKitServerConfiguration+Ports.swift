extension LiveKitServerConfiguration {
    /// A port that a server with this configuration opens.
    public struct ListedPort: Hashable, Sendable, CustomStringConvertible {
        /// How it is spoken to.
        public enum Transport: String, Sendable {
            case tcp = "TCP"
            case udp = "UDP"
        }

        /// The port's protocol.
        public let transport: Transport
        /// The number, or the first and the last one.
        public let ports: ClosedRange<Int>
        /// What for.
        public let purpose: String

        /// As a line of a list.
        public var description: String {
            let number = ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
            return "\(number) - \(purpose)"
        }
    }

    /// The ports that the server opens: those which a firewall must let through, and those for operators.
    public var ports: [ListedPort] {
        let listed: [(ListedPort.Transport, first: Int, last: Int, String)] = [
            (.tcp, port, port, "HTTP service"),
            (.tcp, rtc.tcpPort ?? RTC.defaultTCPPort, rtc.tcpPort ?? RTC.defaultTCPPort, "ICE/TCP"),
            (.udp, rtc.udpPort, rtc.udpPort, "ICE/UDP"),
            (.tcp, turn.isEnabled ? turn.tlsPort : 0, turn.tlsPort, turn.hasExternalTLS ? "TURN/TCP" : "TURN/TLS"),
            (.udp, turn.isEnabled ? turn.udpPort : 0, turn.udpPort, "TURN/UDP"),
            (.udp, turn.isEnabled ? turn.relayRangeStart : 0, turn.relayRangeEnd, "TURN relays"),
            (.tcp, prometheus.port, prometheus.port, "Prometheus metrics"),
            (.tcp, debugPort, debugPort, "debugging, on this machine only"),
        ]
        return listed.compactMap { transport, first, last, purpose in
            guard first > 0, last >= first else { return nil }
            return ListedPort(transport: transport, ports: first...last, purpose: purpose)
        }
    }
}
