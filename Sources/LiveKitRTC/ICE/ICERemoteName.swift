internal import LiveKitCore

/// A peer's candidate whose address is a name: of a browser that hides its addresses behind mDNS
/// (`3a1b2c3d-….local`), as a rule.
///
/// Its checks make such a peer known anyhow (peer-reflexive), so a server leaves names alone. An agent that resolves
/// them (``ICEConfiguration/resolvesNames``) asks its owner by ``ICEEvent/resolve(_:)``.
package struct ICERemoteName: Hashable, Sendable {
    package let name: String
    private let candidate: ICECandidate

    /// Parses a candidate attribute with a name in it; `nil` for any other text.
    package init?(parsing text: some StringProtocol) {
        guard text.utf8.count <= ICELimits.candidateBytes else { return nil }
        var fields = text.split(whereSeparator: \.isWhitespace).map { String($0) }
        guard fields.count >= 8, Self.isHostName(fields[4]) else { return nil }
        name = fields[4].lowercased()
        fields[4] = "0.0.0.0"
        guard let candidate = try? ICECandidate(parsing: fields.joined(separator: " ")) else { return nil }
        self.candidate = candidate
    }

    /// The candidate at an address that the name stands for.
    func candidate(at address: TransportAddress) -> ICECandidate {
        var resolved = candidate
        resolved.address = address.with(port: candidate.address.port)
        resolved.base = resolved.address
        return resolved
    }

    /// RFC 1123 §2.1, with at least one letter so that no odd spelling of an address passes.
    private static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count), text.utf8.contains(where: isLetter) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
                && label.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == hyphen }
        }
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
