/// One key of LiveKit's configuration file: where it stands and what may stand behind it.
///
/// The table of all keys (``ConfigurationKey/all``) is what flags, environment variables and the list of keys are made
/// of. Whether a key has an effect is not written here: the one that some reader asks for has.
struct ConfigurationKey: Sendable {
    /// What a value must look like.
    enum Kind: Sendable {
        case flag
        case integer
        case port
        case number
        case text
        case duration
        /// One UDP port, or a range of them as `start-end`.
        case portRange
        /// A list of texts.
        case texts
        /// A list of mappings, or a mapping whose names are free.
        case structure
        /// One address, or a mapping of `ipv4` and `ipv6`.
        case nodeIP
    }

    /// The names from the top to the key, with dots between them.
    let path: String
    let kind: Kind
    /// What holds when the key is not there, as a person writes it.
    let fallback: String
    let summary: String

    init(_ path: String, _ kind: Kind, _ fallback: String, _ summary: String) {
        self.path = path
        self.kind = kind
        self.fallback = fallback
        self.summary = summary
    }

    /// Whether one text can say its value, so that a flag and an environment variable can.
    var isScalar: Bool {
        switch kind {
        case .flag, .integer, .port, .number, .text, .duration, .portRange, .nodeIP, .texts: true
        case .structure: false
        }
    }

    /// The environment variable that says its value.
    var environmentName: String {
        "LIVEKIT_" + path.uppercased().replacing(".", with: "_")
    }
}

extension ConfigurationKey {
    /// Every key of LiveKit's configuration, and those of our own.
    static let all = top + rtc + congestionControl + room + mediaDetails + turn + limit + events + operations + cluster

    static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

    /// The paths of the mappings that hold keys.
    static let sections: Set<String> = {
        var sections: Set<String> = []
        for key in all {
            var names = key.path.split(separator: ".").dropLast()
            while !names.isEmpty {
                sections.insert(names.joined(separator: "."))
                names = names.dropLast()
            }
        }
        return sections
    }()
}
