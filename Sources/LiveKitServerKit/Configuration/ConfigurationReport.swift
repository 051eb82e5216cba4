/// What reading a configuration found out besides its values. Shared by the readers of one configuration.
final class ConfigurationReport {
    /// Whether a key that nobody knows is an error.
    let isStrict: Bool
    /// Where values come from that stand in no file, by path: a flag or an environment variable.
    let origins: [String: String]
    /// Keys of LiveKit's that were set and that nobody asked for.
    private(set) var withoutEffect: [String] = []
    /// Keys that nobody knows, where that is no error.
    private(set) var unknown: [String] = []
    /// Every key that was asked for.
    private(set) var asked: Set<String> = []

    init(isStrict: Bool = true, origins: [String: String] = [:]) {
        self.isStrict = isStrict
        self.origins = origins
    }

    func ask(_ path: String) {
        asked.insert(path)
    }

    func note(withoutEffect path: String) {
        withoutEffect.append(path)
    }

    /// - Throws: ``ConfigurationError`` with the nearest key that exists, unless slips are passed over.
    func note(unknown path: String, place: String) throws(ConfigurationError) {
        guard isStrict else { return unknown.append(path) }
        let suggestion = NearestName.suggestion(for: path, among: asked.union(ConfigurationKey.byPath.keys))
        throw ConfigurationError(
            "unknown key \(path)\(place)" + (suggestion.map { "; did you mean \($0)?" } ?? ""))
    }
}
