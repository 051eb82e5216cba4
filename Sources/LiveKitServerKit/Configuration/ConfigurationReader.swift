internal import Yams

/// One mapping of a configuration file, read key by key. What nobody read is unknown, and an error.
struct ConfigurationReader {
    private let path: String
    private let mapping: Node.Mapping
    private var readKeys: Set<String> = []

    /// Reads a whole file. An empty one has no keys.
    init(yaml: String) throws(ConfigurationError) {
        do {
            guard let root = try Yams.compose(yaml: yaml) else {
                self.init(path: "", mapping: Node.Mapping([]))
                return
            }
            guard let mapping = root.mapping else { throw ConfigurationError("the file is not a mapping of keys") }
            self.init(path: "", mapping: mapping)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError("not YAML: \(error)")
        }
    }

    private init(path: String, mapping: Node.Mapping) {
        self.path = path
        self.mapping = mapping
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

    mutating func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let node = node(key) else { return nil }
        guard let value = node.bool else { throw wrong(key, node, "true or false") }
        return value
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

    /// Whether the key's value is a mapping.
    func isSection(_ key: String) -> Bool { mapping[Node(key)]?.mapping != nil }

    /// The mappings of a list.
    mutating func sections(_ key: String) throws(ConfigurationError) -> [ConfigurationReader]? {
        guard let node = node(key) else { return nil }
        guard let sequence = node.sequence else { throw wrong(key, node, "a list") }
        var sections: [ConfigurationReader] = []
        for element in sequence {
            guard let mapping = element.mapping else { throw wrong(key, element, "a list of mappings") }
            sections.append(ConfigurationReader(path: path + key + ".", mapping: mapping))
        }
        return sections
    }

    /// Reads a mapping inside this one, and checks that all of it was read.
    mutating func section(
        _ key: String, _ body: (inout ConfigurationReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        guard let node = node(key) else { return }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var reader = ConfigurationReader(path: path + key + ".", mapping: mapping)
        try body(&reader)
        try reader.finish()
    }

    /// Reads a mapping of any names to mappings.
    mutating func namedSections(
        _ key: String, _ body: (String, inout ConfigurationReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        guard let node = node(key) else { return }
        guard let mapping = node.mapping else { throw wrong(key, node, "a mapping") }
        var reader = ConfigurationReader(path: path + key + ".", mapping: mapping)
        for (name, _) in mapping {
            guard let name = name.scalar?.string else { throw wrong(key, node, "a mapping of names") }
            try reader.section(name) { reader throws(ConfigurationError) in try body(name, &reader) }
        }
    }

    /// Fails on the first key that was not read.
    func finish() throws(ConfigurationError) {
        for (key, _) in mapping {
            guard let name = key.scalar?.string, readKeys.contains(name) else {
                throw ConfigurationError("unknown key \(path)\(key.scalar?.string ?? "?")\(Self.place(key))")
            }
        }
    }

    private mutating func node(_ key: String) -> Node? {
        readKeys.insert(key)
        guard let node = mapping[Node(key)], node.null == nil else { return nil }
        return node
    }

    private func wrong(_ key: String, _ node: Node, _ expected: String) -> ConfigurationError {
        ConfigurationError("\(path)\(key) must be \(expected)\(Self.place(node))")
    }

    private static func place(_ node: Node) -> String {
        node.mark.map { " (line \($0.line))" } ?? ""
    }
}
