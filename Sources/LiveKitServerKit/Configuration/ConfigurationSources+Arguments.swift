extension ConfigurationSources {
    /// Takes arguments of the form `--rtc.udp_port 7882` or `--rtc.udp_port=7882` as ``flags``. Each key that a text can
    /// set has such a flag; one that is true or false needs no value to be true.
    ///
    /// - Parameter arguments: the arguments that no other flag took.
    /// - Throws: ``ConfigurationError`` for one that is none, with the flag that was meant.
    public mutating func takeFlags(from arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { throw ConfigurationError("unexpected argument \(argument)") }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let path = parts.first.map(String.init) ?? ""
            guard let key = ConfigurationKey.byPath[path], key.isScalar else { throw Self.unknown(path) }
            if parts.count > 1 {
                flags.append((path, String(parts[1])))
            } else if case .flag = key.kind, !["true", "false"].contains(rest.first) {
                flags.append((path, "true"))
            } else if let value = rest.popFirst() {
                flags.append((path, value))
            } else {
                throw ConfigurationError("--\(path) needs a value")
            }
        }
    }

    private static func unknown(_ path: String) -> ConfigurationError {
        let scalars = ConfigurationKey.all.filter(\.isScalar).map(\.path)
        let suggestion = NearestName.suggestion(for: path, among: scalars).map { "; did you mean --\($0)?" } ?? ""
        return ConfigurationError("unknown flag --\(path)\(suggestion)")
    }

    /// Every key with its flag, its environment variable, its default and what it does, one in each line.
    public static var manual: String {
        let width = ConfigurationKey.all.map(\.path.count).max() ?? 0
        return ConfigurationKey.all.map { key in
            let fallback = key.fallback.isEmpty ? "" : " (\(key.fallback))"
            let name = (key.isScalar ? "--" : "  ") + key.path
            let padding = String(repeating: " ", count: max(0, width + 2 - name.count))
            return "\(name)\(padding)  \(key.summary)\(fallback)"
        }.joined(separator: "\n")
    }
}
