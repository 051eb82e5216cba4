extension LiveKitServerConfiguration {
    /// Which node of a cluster takes a new room.
    public struct NodeSelector: Hashable, Sendable {
        /// Which nodes come into question.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case any
            /// Those whose processors are less used than ``NodeSelector/cpuLoadLimit``, if there are any.
            case cpuLoad = "cpuload"
            /// Those whose load for each processor is below ``NodeSelector/systemLoadLimit``, if there are any.
            case systemLoad = "sysload"
            /// Of those the ones in the nearest region.
            case regionAware = "regionaware"
        }

        /// What is compared; the least wins.
        public enum Order: String, Hashable, Sendable, CaseIterable {
            case random
            case systemLoad = "sysload"
            case cpuLoad = "cpuload"
            case rooms, clients, tracks
            case bytesPerSecond = "bytespersec"
        }

        /// Whom the comparison is among.
        public enum Algorithm: String, Hashable, Sendable, CaseIterable {
            /// All of them.
            case lowest
            /// Two at random: nodes that measure at the same time do not send all rooms to the same one.
            case twoChoice = "twochoice"
        }

        /// A region and where it is, in degrees.
        public struct Region: Hashable, Sendable {
            /// What nodes call it.
            public var name = ""
            /// North of the equator.
            public var latitude = 0.0
            /// East of Greenwich.
            public var longitude = 0.0

            /// A region of no name yet.
            public init() {}
        }

        /// Which nodes come into question.
        public var kind = Kind.any
        /// What is compared.
        public var order = Order.random
        /// Whom the comparison is among.
        public var algorithm = Algorithm.lowest
        /// Of all processors of a node, 0...1.
        public var cpuLoadLimit = 0.9
        /// The load average of one minute for each processor.
        public var systemLoadLimit = 0.9
        /// Where the regions are.
        public var regions: [Region] = []

        /// LiveKit's defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration.NodeSelector {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        if let name = try reader.string("kind"), !name.isEmpty {
            // LiveKit's older name for any.
            kind = try Self.value(name == "random" ? Kind.any.rawValue : name, "kind")
        }
        if let name = try reader.string("sort_by") { order = try Self.value(name, "sort_by") }
        if let name = try reader.string("algorithm") { algorithm = try Self.value(name, "algorithm") }
        cpuLoadLimit = try reader.number("cpu_load_limit") ?? cpuLoadLimit
        systemLoadLimit = try reader.number("sysload_limit") ?? systemLoadLimit
        guard var sections = try reader.sections("regions") else { return }
        regions = []
        for index in sections.indices {
            var region = Region()
            region.name = try sections[index].string("name") ?? region.name
            region.latitude = try sections[index].number("lat") ?? region.latitude
            region.longitude = try sections[index].number("lon") ?? region.longitude
            try sections[index].finish()
            regions.append(region)
        }
    }

    private static func value<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ key: String
    ) throws(ConfigurationError) -> Value {
        guard let value = Value(rawValue: name) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("node_selector.\(key) must be one of \(known)")
        }
        return value
    }

    func validate(region: String) throws(ConfigurationError) {
        guard regions.allSatisfy({ !$0.name.isEmpty }) else {
            throw ConfigurationError("node_selector.regions needs a name for each region")
        }
        guard kind == .regionAware else { return }
        guard !region.isEmpty else { throw ConfigurationError("node_selector.kind is regionaware: set region") }
        guard regions.isEmpty || regions.contains(where: { $0.name == region }) else {
            throw ConfigurationError("node_selector.regions does not say where the region \(region) is")
        }
    }
}
