internal import LiveKitProtobuf

// What a client can do, by its SDK and version: LiveKit's table of exceptions.

extension Livekit_ClientInfo {
    var isFirefox: Bool { ["firefox", "firefox mobile"].contains(browser.lowercased()) }
    var isSafari: Bool { browser.lowercased() == "safari" }

    /// The JavaScript SDK took an unknown response for an error before 1.6.3.
    var handlesReconnectResponse: Bool { sdk != .js || !Self.isVersion([1, 6, 3], above: version) }

    /// Rust SDKs of old end when they cannot decode a response.
    var decodesLaterResponses: Bool { sdk != .rust || self.protocol >= 10 }

    /// Safari shows nothing of a section that is used again.
    var reusesTransceivers: Bool { self.protocol > 3 && !isSafari }

    /// Firefox nominates again and again, even towards a lite agent; clients before protocol 6 know none.
    var takesICELite: Bool { self.protocol > 5 && !isFirefox }

    /// Firefox finds no peer-reflexive candidate over a relay, so that an address which it is not told of is lost to it.
    var findsHiddenAddresses: Bool { !isFirefox }

    /// Pion, which the Go SDK stands on, had it wrong for a while; of an unknown SDK nothing is known.
    var acceptsZeroChecksum: Bool {
        switch sdk {
        case .unknown: false
        case .go: !Self.isVersion([2, 4, 0], above: version)
        default: true
        }
    }

    /// Since protocol 10 clients find a track by the msid's second half; Firefox makes up its own there.
    var knowsSharedStreams: Bool { self.protocol > 9 && !isFirefox }

    /// The Go SDK dials no ICE over TCP, and Swift's of old did not.
    var dialsICETCP: Bool {
        switch sdk {
        case .go: false
        case .swift: !Self.isVersion([1, 0, 5], above: version)
        default: true
        }
    }
}

// MARK: - Versions

extension Livekit_ClientInfo {
    static func isVersion(_ text: String, above wanted: [Int]) -> Bool { compare(parse(text), wanted) > 0 }
    static func isVersion(_ wanted: [Int], above text: String) -> Bool { compare(parse(text), wanted) < 0 }

    private static func parse(_ text: String) -> [Int] {
        text.split(separator: ".").map { part in Int(part.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
    }

    /// Below, at or above 0; parts that are not there are 0.
    private static func compare(_ own: [Int], _ wanted: [Int]) -> Int {
        for (index, number) in wanted.enumerated() {
            let part = own.indices.contains(index) ? own[index] : 0
            if part != number { return part < number ? -1 : 1 }
        }
        return 0
    }
}
