internal import Foundation
public import LiveKitCore

/// API keys in a file, as LiveKit's servers have them (`key_file`): `key: secret` on each line.
public struct APIKeyFile: Sendable {
    /// The secrets by key.
    public let secrets: [String: String]

    /// Reads a file.
    ///
    /// - Parameter path: Where it is.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument``. It does not show what stands in the file.
    public init(path: String) throws(ServerError) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ServerError(.invalidArgument, message: "the key file cannot be read: \(path)")
        }
        try self.init(parsing: text)
    }

    /// Reads a file's text: a mapping of YAML, each key on a line of its own; quotes and comments may be there.
    ///
    /// - Parameter text: What stands in the file.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument`` and the line's number.
    public init(parsing text: String) throws(ServerError) {
        var secrets: [String: String] = [:]
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#"), line != "---" else { continue }
            let parts = line.split(separator: ": ", maxSplits: 1).map { Self.plain(String($0)) }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, secrets[parts[0]] == nil else {
                throw ServerError(.invalidArgument, message: "line \(index + 1) of the key file is not \"key: secret\"")
            }
            secrets[parts[0]] = parts[1]
        }
        guard !secrets.isEmpty else { throw ServerError(.invalidArgument, message: "the key file has no keys") }
        self.secrets = secrets
    }

    /// Without a comment behind it, and without quotes around it.
    private static func plain(_ text: String) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        for quote in ["\"", "'"] where trimmed.hasPrefix(quote) {
            guard let end = trimmed.dropFirst().range(of: quote) else { return "" }
            return String(trimmed.dropFirst()[..<end.lowerBound])
        }
        let end = trimmed.range(of: " #")?.lowerBound ?? trimmed.endIndex
        return trimmed[..<end].trimmingCharacters(in: .whitespaces)
    }
}

extension TokenVerifier {
    /// Creates a verifier for the keys of a file.
    ///
    /// - Parameters:
    ///   - file: The API keys.
    ///   - leeway: How far the clocks of signer and verifier may be apart.
    public init(keys file: APIKeyFile, leeway: Duration = TokenVerifier.defaultLeeway) {
        self.init(secrets: file.secrets, leeway: leeway)
    }
}

extension WebhookReceiver {
    /// Creates a receiver that believes the keys of a file.
    public init(keys file: APIKeyFile) {
        self.init(verifier: TokenVerifier(keys: file))
    }
}

extension APIKeyFile: CustomStringConvertible, CustomReflectable {
    /// The keys. The secrets stay out of logs.
    public var description: String { "APIKeyFile(\(secrets.keys.sorted()))" }

    /// The keys, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: ["keys": secrets.keys.sorted()]) }
}
