/// Why a configuration cannot be used. Its text names the key and, for a file, the line.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for a person to read. It never holds a secret.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
