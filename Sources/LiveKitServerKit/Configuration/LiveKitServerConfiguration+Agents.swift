extension LiveKitServerConfiguration {
    /// How agents' workers are used.
    public struct Agents: Sendable {
        /// A job waits until the load of some worker that may have it is below this, 0...1. Among all of them that have
        /// capacity the idler ones are likelier.
        public var targetLoad = 0.7

        /// LiveKit's defaults.
        public init() {}
    }
}

extension LiveKitServerConfiguration.Agents {
    mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        targetLoad = try reader.number("target_load") ?? targetLoad
    }

    /// Checks what cannot work.
    func validate() throws {
        guard targetLoad > 0, targetLoad <= 1 else {
            throw ConfigurationError("agents.target_load must be above 0 and at most 1")
        }
    }
}
