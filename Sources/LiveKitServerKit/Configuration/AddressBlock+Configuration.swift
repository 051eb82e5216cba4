internal import LiveKitCore

extension AddressBlock {
    /// The blocks that a key lists in CIDR notation.
    static func blocks(_ texts: [String], _ key: String) throws(ConfigurationError) -> [AddressBlock] {
        var blocks: [AddressBlock] = []
        for text in texts {
            guard text.contains("/"), let block = AddressBlock(text) else {
                throw ConfigurationError("\(key): \(text) is no CIDR block")
            }
            blocks.append(block)
        }
        return blocks
    }
}
