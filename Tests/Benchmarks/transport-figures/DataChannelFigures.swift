extension Figure {
    static let dataChannelThroughput = Figure(
        name: "sctp-throughput", summary: "what a data channel carries over slow, lossy and unlimited paths"
    ) { seeds in show(SCTPFigures.throughput(seeds: seeds)) }

    static let dataChannelMessages = Figure(
        name: "sctp-messages", summary: "messages of 1 B to 256 KiB under 5 % loss, none of them lost or reordered"
    ) { seeds in
        show(SCTPFigures.messages(seeds: seeds) + SCTPFigures.messages(seeds: seeds, isInterleaved: true))
    }

    /// - Returns: whether all goals are met.
    private static func show(_ lines: [String]) -> Bool {
        for line in lines { print(line) }
        return !lines.contains { $0.contains("MISSED") }
    }
}
