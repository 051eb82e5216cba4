internal import Foundation

extension LiveKitServerConfiguration {
    /// Reads API keys as flags and environment variables hold them: `key: secret`, more of them on lines of their own.
    ///
    /// - Parameter text: a YAML mapping.
    /// - Returns: the secrets by key.
    /// - Throws: ``ConfigurationError``.
    public static func keys(parsing text: String) throws -> [String: String] {
        var reader = try ConfigurationReader(yaml: "keys:\n" + text.split(separator: "\n").map { "  \($0)\n" }.joined())
        let keys = try reader.texts("keys") ?? [:]
        guard !keys.isEmpty else { throw ConfigurationError("no key found; write it as \"key: secret\"") }
        return keys
    }

    /// Reads the keys of ``keyFile``, a YAML mapping of secrets by key, over those that are there. Without a file it
    /// does nothing.
    ///
    /// - Throws: ``ConfigurationError`` when the file cannot be read, is no such mapping, or when others than its owner
    ///   and group may do anything with it.
    public mutating func readKeyFile() throws {
        guard !keyFile.isEmpty else { return }
        let text = try Self.privateText(ofFile: keyFile, key: "key_file")
        keys.merge(try Self.keys(parsing: text)) { _, new in new }
    }

    /// The text of a file that nobody but its owner and group may use; `key` is what named it.
    static func privateText(ofFile file: String, key: String) throws(ConfigurationError) -> String {
        let path = NSString(string: file).expandingTildeInPath
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let permissions = attributes[.posixPermissions] as? Int
        else { throw ConfigurationError("\(key) cannot be read: \(file)") }
        guard permissions & 0o007 == 0 else {
            throw ConfigurationError(
                "\(key) \(file) can be used by others; take their permissions away (chmod o= \(file))")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError("\(key) cannot be read: \(file)")
        }
        return text
    }
}
