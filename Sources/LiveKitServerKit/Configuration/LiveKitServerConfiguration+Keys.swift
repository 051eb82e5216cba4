internal import Foundation
internal import Yams

extension LiveKitServerConfiguration {
    /// Reads API keys as flags and environment variables hold them: `key: secret`, more of them on lines of their own.
    ///
    /// - Parameter text: a YAML mapping.
    /// - Returns: the secrets by key.
    /// - Throws: ``ConfigurationError``.
    public static func keys(parsing text: String) throws -> [String: String] {
        let mapping = try ConfigurationDocument(yaml: text).mapping
        var reader = ConfigurationReader(
            mapping: Node.Mapping([(Node("keys"), .mapping(mapping))]), report: ConfigurationReport())
        let keys = try reader.texts("keys") ?? [:]
        guard !keys.isEmpty else { throw ConfigurationError("no key found; write it as \"key: secret\"") }
        return keys
    }

    /// Reads the keys of ``keyFile``, a YAML mapping of secrets by key. They stand in the place of those that are there: whoever
    /// moves to a file because a key leaked does not keep that key. Without a file it does nothing.
    ///
    /// - Throws: ``ConfigurationError`` when the file cannot be read, is no such mapping, or when others than its owner
    ///   and group may do anything with it.
    public mutating func readKeyFile() throws {
        guard !keyFile.isEmpty else { return }
        let text = try Self.privateText(ofFile: keyFile, key: "key_file")
        keys = try Self.keys(parsing: text)
    }

    /// The text of a file that nobody but its owner and group may use; `key` is what named it.
    static func privateText(ofFile file: String, key: String) throws(ConfigurationError) -> String {
        let unreadable = ConfigurationError("\(key) cannot be read: \(file)")
        // What is asked about and what is read is one file, behind whatever links lead to it.
        let handle = FileHandle(forReadingAtPath: NSString(string: file).expandingTildeInPath)
        var status = stat()
        guard let handle, unsafe fstat(handle.fileDescriptor, &status) == 0 else { throw unreadable }
        guard status.st_mode & 0o007 == 0 else {
            throw ConfigurationError(
                "\(key) \(file) can be used by others; take their permissions away (chmod o= \(file))")
        }
        guard let bytes = try? handle.readToEnd() ?? Data(), let text = String(bytes: bytes, encoding: .utf8) else {
            throw unreadable
        }
        return text
    }
}
