package import LiveKitCore

extension WireError.Field {
    /// A candidate attribute that does not follow its grammar.
    package static let candidate = Self("candidate")
    /// A candidate with a host name instead of an address; see ``ICERemoteName``.
    package static let candidateHostName = Self("candidate host name")
    /// A candidate of another transport than UDP and TCP.
    package static let candidateTransport = Self("candidate transport")
}

extension ICECandidate {
    /// Parses the candidate attribute (RFC 8839 §5.1), with or without `a=` and `candidate:` before it.
    ///
    /// `generation`, `network-id`, `network-cost` and other extensions are read over. Host names throw
    /// `.invalid(.candidateHostName)`: the caller ignores them.
    package init(parsing text: some StringProtocol) throws(WireError) {
        guard text.utf8.count <= ICELimits.candidateBytes else { throw .invalid(.candidate) }
        var fields = text.split(whereSeparator: \.isWhitespace)[...]
        guard let first = fields.popFirst() else { throw .invalid(.candidate) }
        let foundation = Self.withoutPrefix(first)
        guard (1...32).contains(foundation.utf8.count),
            let component = fields.popFirst().flatMap({ UInt16($0) }), component > 0,
            let transportName = fields.popFirst(),
            let priority = fields.popFirst().flatMap({ UInt32($0) }),
            let host = fields.popFirst(), let port = fields.popFirst().flatMap({ UInt16($0) }),
            fields.popFirst() == "typ", let kind = fields.popFirst().flatMap({ Kind(rawValue: String($0)) })
        else { throw .invalid(.candidate) }

        let transport: ICETransport
        switch transportName.lowercased() {
        case "udp": transport = .udp
        case "tcp": transport = .tcp
        default: throw .invalid(.candidateTransport)
        }
        guard let address = TransportAddress(host: host, port: port) else { throw .invalid(.candidateHostName) }
        self.init(
            foundation: String(foundation), component: component, transport: transport, priority: priority,
            address: address, kind: kind)
        readExtensions(fields)
    }

    private mutating func readExtensions(_ fields: ArraySlice<some StringProtocol>) {
        var fields = fields
        var relatedHost: String?
        while let name = fields.popFirst(), let value = fields.popFirst() {
            switch name {
            case "raddr": relatedHost = String(value)
            case "rport":
                guard let relatedHost, let port = UInt16(value) else { continue }
                relatedAddress = TransportAddress(host: relatedHost, port: port)
            case "tcptype": tcpType = transport == .tcp ? TCPType(rawValue: String(value)) ?? .passive : nil
            case "ufrag": ufrag = String(value)
            default: continue
            }
        }
    }

    private static func withoutPrefix<Text: StringProtocol>(_ text: Text) -> Text.SubSequence {
        var rest = text[...]
        if rest.hasPrefix("a=") { rest = rest.dropFirst(2) }
        if rest.hasPrefix("candidate:") { rest = rest.dropFirst(10) }
        return rest
    }

    /// The attribute as `candidate:…`, without `a=`, as trickled candidates are written.
    package var attribute: String {
        var text = "candidate:\(foundation) \(component) \(transport.name) \(priority) \(address.host) \(address.port)"
        text += " typ \(kind.rawValue)"
        if let relatedAddress { text += " raddr \(relatedAddress.host) rport \(relatedAddress.port)" }
        if let tcpType { text += " tcptype \(tcpType.rawValue)" }
        if let ufrag { text += " ufrag \(ufrag)" }
        return text
    }
}
