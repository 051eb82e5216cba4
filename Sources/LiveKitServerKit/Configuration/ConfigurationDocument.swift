internal import Yams

/// A configuration as a tree of YAML, into which flags and environment variables are written.
struct ConfigurationDocument {
    /// A configuration is written by hand; what is longer is another file.
    private static let maximumBytes = 1 << 20

    private(set) var mapping: Node.Mapping

    /// - Throws: ``ConfigurationError`` when the text is no mapping in YAML.
    init(yaml: String) throws(ConfigurationError) {
        guard yaml.utf8.count <= Self.maximumBytes else { throw ConfigurationError("the file is larger than 1 MiB") }
        do {
            guard let root = try Yams.compose(yaml: yaml), root.null == nil else {
                mapping = Node.Mapping([])
                return
            }
            guard let mapping = root.mapping else { throw ConfigurationError("the file is not a mapping of keys") }
            self.mapping = mapping
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError("not YAML: \(Self.message(error))")
        }
    }

    /// What is wrong and where, without the text around it: a secret may stand there.
    private static func message(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "\(problem) (line \(mark.line))"
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            "\(duplicates.joined(separator: ", ")) stands there twice (line \(context.mark.line))"
        case YamlError.reader(let problem, _, _, _): problem
        default: "it cannot be read"
        }
    }

    /// Writes a value at a path, over whatever stands there.
    mutating func set(_ key: ConfigurationKey, to text: String) throws(ConfigurationError) {
        let names = key.path.split(separator: ".").map(String.init)
        mapping = try Self.setting(names[...], to: Self.node(key, text), in: mapping, path: key.path)
    }

    /// Writes a mapping, given as YAML, at a path of one name.
    mutating func set(_ name: String, toYAML text: String) throws(ConfigurationError) {
        mapping[Node(name)] = Node.mapping(try ConfigurationDocument(yaml: text).mapping)
    }

    private static func node(_ key: ConfigurationKey, _ text: String) -> Node {
        switch key.kind {
        case .text, .nodeIP: Node(text, Tag(.str))
        case .texts:
            Node(text.split(separator: ",").map { Node(String($0.trimmingPrefix { $0 == " " }), Tag(.str)) })
        default: Node(text)
        }
    }

    private static func setting(
        _ names: ArraySlice<String>, to value: Node, in mapping: Node.Mapping, path: String
    ) throws(ConfigurationError) -> Node.Mapping {
        guard let name = names.first else { return mapping }
        var mapping = mapping
        guard names.count > 1 else {
            mapping[Node(name)] = value
            return mapping
        }
        let inner = mapping[Node(name)].flatMap { $0.null == nil ? $0 : nil } ?? Node.mapping(Node.Mapping([]))
        guard let innerMapping = inner.mapping else {
            throw ConfigurationError("\(path) cannot be set, because \(name) is not a mapping")
        }
        mapping[Node(name)] = Node.mapping(try setting(names.dropFirst(), to: value, in: innerMapping, path: path))
        return mapping
    }
}
