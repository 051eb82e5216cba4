internal import Logging
internal import Yams

/// One mapping of a configuration file, read key by key. What nobody read is without effect where it is LiveKit's,
/// and an error where it is nobody's.
struct ConfigurationReader {
    private let path: String
    private let mapping: Node.Mapping
    private var readKeys: Set<String> = []
    let report: ConfigurationReport

    /// Reads a whole file. An empty one has no keys.
    init(yaml: String) throws(ConfigurationError) {
        self.init(mapping: try ConfigurationDocument(yaml: yaml).mapping, report: ConfigurationReport())
    }

    init(path: String = "", mapping: Node.Mapping, report: ConfigurationReport) {
        self.path = path
        self.mapping = mapping
        self.report = report
    }

    mutating func string(_ key: String) throws(ConfigurationError) -> String? {
        guard let node = node(key) else { return nil }
        guard let scalar = node.scalar else { throw wrong(key, node, "a text") }
        return scalar.string
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int> = 0...Int.max) throws(ConfigurationError) -> Int? {
        guard let node = node(key) else { return nil }
        guard let value = node.int else { throw wrong(key, node, "a number") }
        guard range.contains(value) else { throw wrong(key, node, "from \(range.lowerBound) to \(range.upperBound)") }
        return value
    }

    mutating func port(_ key: String) throws(ConfigurationError) -> Int? {
        try integer(key, in: 0...65_535)
    }

    mutating func number(_ key: String) throws(ConfigurationError) -> Double? {
        guard let node = node(key) else { return nil }
        guard let value = node.float, value.isFinite else { throw wrong(key, node, "a number") }
        return value
    }

    mutating func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let node = node(key) else { return nil }
        guard let value = node.bool else { throw wrong(key, node, "true or false") }
        return value
    }

    mutating func duration(_ key: String) throws(ConfigurationError) -> Duration? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string, let value = DurationText.parse(text) else {
            throw wrong(key, node, "a duration such as 500ms, 10s or 5m")
        }
        // Nobody means so little; what is meant are seconds.
        guard value == .zero || value >= .milliseconds(1) else {
            throw wrong(key, node, "given with its unit, such as \(text)s")
        }
        return value
    }

    /// A log level by LiveKit's name for it; an empty one is none.
    mutating func level(_ key: String) throws(ConfigurationError) -> Logger.Level? {
        guard let node = node(key), node.scalar?.string != "" else { return nil }
        switch node.scalar?.string.lowercased() {
        case "debug": return .debug
        case "info": return .info
        case "warn": return .warning
        case "error": return .error
        default: throw wrong(key, node, "one of debug, info, warn and error")
        }
    }

    /// A mapping of any names to log levels.
    mutating func levels(_ key: String) throws(ConfigurationError) -> [String: Logger.Level]? {
        guard let node = node(key) else { return nil }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var reader = ConfigurationReader(path: path + key + ".", mapping: mapping, report: report)
        var levels: [String: Logger.Level] = [:]
        for (name, _) in mapping {
            guard let name = name.scalar?.string else { throw wrong(key, node, "a mapping of names") }
            levels[name] = try reader.level(name)
        }
        return levels
    }

    /// A port, or the first port of a range such as `50000-50100`.
    mutating func portRange(_ key: String) throws(ConfigurationError) -> Int? {
        guard let node = node(key) else { return nil }
        let parts = node.scalar?.string.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) } ?? []
        let ports = parts.compactMap(\.self).filter { (0...65_535).contains($0) }
        guard let first = ports.first, ports.count == parts.count, ports.count <= 2, ports.last ?? 0 >= first else {
            throw wrong(key, node, "a port, or a range of ports such as 50000-50100")
        }
        return first
    }

    /// Whether a key that was read as a port is a range of more than one.
    func isPortRange(_ key: String) -> Bool {
        let parts = mapping[Node(key)]?.scalar?.string.split(separator: "-") ?? []
        return parts.count > 1 && parts.first != parts.last
    }

    mutating func strings(_ key: String) throws(ConfigurationError) -> [String]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else { throw wrong(key, node, "a list") }
        var texts: [String] = []
        for element in sequence {
            guard let scalar = element.scalar else { throw wrong(key, element, "a list of texts") }
            texts.append(scalar.string)
        }
        return texts
    }

    /// A mapping of any text to any text, such as `keys`.
    mutating func texts(_ key: String) throws(ConfigurationError) -> [String: String]? {
        guard let node = node(key) else { return nil }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var texts: [String: String] = [:]
        for (name, value) in mapping {
            guard let name = name.scalar?.string, let value = value.scalar?.string else {
                throw wrong(key, node, "a mapping of texts")
            }
            texts[name] = value
        }
        return texts
    }

    /// Whether something stands there, whatever is in it.
    mutating func passOver(_ key: String) throws(ConfigurationError) -> Bool {
        guard let node = node(key) else { return false }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        return !mapping.isEmpty
    }

    /// A mapping of anything, as JSON.
    mutating func json(_ key: String) throws(ConfigurationError) -> String? {
        guard let node = node(key) else { return nil }
        guard node.mapping != nil, let json = node.json else { throw wrong(key, node, "a mapping") }
        return json
    }

    /// Whether the key's value is a mapping.
    func isSection(_ key: String) -> Bool { mapping[Node(key)]?.mapping != nil }

    /// The mappings of a list.
    mutating func sections(_ key: String) throws(ConfigurationError) -> [ConfigurationReader]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else { throw wrong(key, node, "a list") }
        var sections: [ConfigurationReader] = []
        for element in sequence {
            guard let mapping = element.mapping else { throw wrong(key, element, "a list of mappings") }
            sections.append(ConfigurationReader(path: path + key + ".", mapping: mapping, report: report))
        }
        return sections
    }

    /// Reads a mapping inside this one, and checks that all of it was read.
    mutating func section(
        _ key: String, _ body: (inout ConfigurationReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        guard let node = node(key) else { return }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var reader = ConfigurationReader(path: path + key + ".", mapping: mapping, report: report)
        try body(&reader)
        try reader.finish()
    }

    /// Reads a mapping of any names to mappings.
    mutating func namedSections(
        _ key: String, _ body: (String, inout ConfigurationReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        guard let node = node(key) else { return }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var reader = ConfigurationReader(path: path + key + ".", mapping: mapping, report: report)
        for (name, _) in mapping {
            guard let name = name.scalar?.string else { throw wrong(key, node, "a mapping of names") }
            try reader.section(name) { reader throws(ConfigurationError) in try body(name, &reader) }
        }
    }

    /// Fails on the first key that nobody knows; notes those that nobody asked for.
    func finish() throws(ConfigurationError) {
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw ConfigurationError("\(path)? has a name that is no text\(place(key, path))")
            }
            if !readKeys.contains(name) { try leftOver(name, path + name, key, value) }
        }
    }

    private func leftOver(
        _ name: String, _ path: String, _ key: Node, _ value: Node
    ) throws(ConfigurationError) {
        if let known = ConfigurationKey.byPath[path] {
            try check(name, known.kind)
            return report.note(withoutEffect: path)
        }
        guard ConfigurationKey.sections.contains(path) else {
            return try report.note(unknown: path, place: place(key, path))
        }
        guard value.null == nil else { return }
        guard let mapping = value.mapping else {
            throw ConfigurationError("\(path) must be a mapping\(place(value, path))")
        }
        try ConfigurationReader(path: path + ".", mapping: mapping, report: report).finish()
    }

    /// A value without effect must make sense all the same: one day it will have one.
    private func check(_ name: String, _ kind: ConfigurationKey.Kind) throws(ConfigurationError) {
        var probe = self
        switch kind {
        case .flag: _ = try probe.flag(name)
        case .integer: _ = try probe.integer(name, in: .min ... .max)
        case .port: _ = try probe.port(name)
        case .number: _ = try probe.number(name)
        case .text: _ = try probe.string(name)
        case .duration: _ = try probe.duration(name)
        case .portRange: _ = try probe.portRange(name)
        case .texts: _ = try probe.strings(name)
        case .structure, .nodeIP: break
        }
    }

    private mutating func node(_ key: String) -> Node? {
        readKeys.insert(key)
        report.ask(path + key)
        guard let node = mapping[Node(key)], node.null == nil else { return nil }
        return node
    }

    func wrong(_ key: String, _ node: Node, _ expected: String) -> ConfigurationError {
        ConfigurationError("\(path)\(key) must be \(expected)\(place(node, path + key))")
    }

    private func place(_ node: Node, _ path: String) -> String {
        if let origin = report.origins[path] { return " (\(origin))" }
        return node.mark.map { " (line \($0.line))" } ?? ""
    }
}
