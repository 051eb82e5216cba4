internal import LiveKitProtobuf

// What a client can do, by its SDK and version: LiveKit's table of exceptions.

extension Livekit_ClientInfo {
    /// The JavaScript SDK took an unknown response for an error before 1.6.3.
    var handlesReconnectResponse: Bool { sdk != .js || isVersion(atLeast: [1, 6, 3]) }

    /// Rust SDKs of old end when they cannot decode a response.
    var decodesLaterResponses: Bool { sdk != .rust || self.protocol >= 10 }

    /// Safari shows nothing of a section that is used again.
    var reusesTransceivers: Bool { self.protocol > 3 && browser.lowercased() != "safari" }

    /// Firefox, and clients before protocol 6, want a full ICE agent.
    var takesICELite: Bool { self.protocol > 5 && !browser.lowercased().hasPrefix("firefox") }

    private func isVersion(atLeast wanted: [Int]) -> Bool {
        let parts = version.split(separator: ".").map { part in Int(part.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
        for (index, number) in wanted.enumerated() {
            let own = parts.indices.contains(index) ? parts[index] : 0
            if own != number { return own > number }
        }
        return true
    }
}
