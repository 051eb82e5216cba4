public import Logging

extension LiveKitServerConfiguration {
    /// Where metrics are read.
    public struct Prometheus: Sendable {
        /// The TCP port of `/metrics`; 0 for none.
        public var port = 0
        /// Who may read them; anybody when both are empty.
        public var username = ""
        /// With which password.
        public var password = ""

        /// No metrics.
        public init() {}

        func validate() throws(ConfigurationError) {
            guard (0...65_535).contains(port) else {
                throw ConfigurationError("prometheus.port must be from 0 to 65535")
            }
            guard username.isEmpty == password.isEmpty else {
                throw ConfigurationError("prometheus.username and prometheus.password belong together")
            }
            guard !username.contains(":") else {
                throw ConfigurationError("prometheus.username must not hold a colon (RFC 7617 §2)")
            }
        }
    }

    /// How logs are written.
    public struct Logging: Sendable {
        /// Whether each line is a JSON object.
        public var usesJSON = false
        /// Levels of single components, by the label of their logger or what it begins with.
        public var componentLevels: [String: Logger.Level] = [:]

        /// Whether few of many equal lines are written: within a second the first ``sampleInitial`` of the same message
        /// and level, then one of each ``sampleInterval``.
        public var isSampled = false
        /// How many equal lines of a second are all written.
        public var sampleInitial = 20
        /// Of how many further ones one is written; at least 1.
        public var sampleInterval = 100

        /// Lines of text.
        public init() {}
    }

    /// How the node is measured: the rooms counted, gauges set, limits of the node compared.
    public struct NodeStatistics: Sendable {
        /// How often.
        public var updateInterval = Duration.seconds(2)

        /// LiveKit's defaults.
        public init() {}

        func validate() throws(ConfigurationError) {
            guard updateInterval >= .milliseconds(100) else {
                throw ConfigurationError("node_stats.stats_update_interval must be 100ms or more")
            }
        }
    }

    /// Who may connect, and how fast. What is over the limit is closed at once, and counted.
    public struct Connections: Sendable {
        /// TCP connections of HTTP and signalling at once; 0 lifts the limit. The process's limit of open files holds
        /// all the same.
        public var maximum = 20_000
        /// New connections that one address may open in a second; four times as many at once. 0 lifts the limit, which
        /// never holds for this machine itself, where a proxy may stand.
        public var acceptsPerSecond = 500

        /// The defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration {
    mutating func readOperations(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        try readLogging(&reader)
        try readOperatorPorts(&reader)
        try reader.section("node_stats") { reader throws(ConfigurationError) in
            nodeStatistics.updateInterval =
                try reader.duration("stats_update_interval") ?? nodeStatistics.updateInterval
        }
        try reader.section("http") { reader throws(ConfigurationError) in
            timeouts.requestHead = try reader.duration("header_timeout") ?? timeouts.requestHead
            timeouts.requestBody = try reader.duration("body_timeout") ?? timeouts.requestBody
            timeouts.httpIdle = try reader.duration("idle_timeout") ?? timeouts.httpIdle
            connections.maximum = try reader.integer("max_connections") ?? connections.maximum
            connections.acceptsPerSecond = try reader.integer("accepts_per_second") ?? connections.acceptsPerSecond
        }
        try reader.section("shutdown") { reader throws(ConfigurationError) in
            timeouts.participants = try reader.duration("drain_timeout") ?? timeouts.participants
        }
    }

    private mutating func readOperatorPorts(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        try reader.section("prometheus") { reader throws(ConfigurationError) in
            prometheus.port = try reader.port("port") ?? prometheus.port
            prometheus.username = try reader.string("username") ?? prometheus.username
            prometheus.password = try reader.string("password") ?? prometheus.password
        }
        // The older name wins, as it does with LiveKit.
        if let port = try reader.port("prometheus_port"), port > 0 {
            prometheus.port = port
            remarks.append("prometheus_port is an older name, write prometheus.port")
        }
        if reader.isSection("debug_handler_port") {
            // LiveKit's sample file has the section under this name.
            try reader.section("debug_handler_port") { reader throws(ConfigurationError) in
                debugPort = try reader.port("port") ?? debugPort
            }
        } else {
            debugPort = try reader.port("debug_handler_port") ?? debugPort
        }
        try reader.section("debug_handler") { reader throws(ConfigurationError) in
            debugPort = try reader.port("port") ?? debugPort
        }
    }

    private mutating func readLogging(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        // The older name wins, as it does with LiveKit.
        let older = try reader.level("log_level")
        var level: Logger.Level?
        try reader.section("logging") { reader throws(ConfigurationError) in
            level = try reader.level("level")
            logging.usesJSON = try reader.flag("json") ?? logging.usesJSON
            logging.isSampled = try reader.flag("sample") ?? logging.isSampled
            // 0 is what LiveKit's defaults stand behind.
            if let count = try reader.integer("sample_initial"), count > 0 { logging.sampleInitial = count }
            if let count = try reader.integer("sample_interval"), count > 0 { logging.sampleInterval = count }
            logging.componentLevels.merge(try reader.levels("component_levels") ?? [:]) { _, new in new }
        }
        if let level = older ?? level { logLevel = level }
    }
}
