internal import ArgumentParser
internal import LiveKitServerKit

/// Lists the nodes of the cluster that a server with these flags belongs to.
struct ListNodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the nodes that are registered in Redis.")

    @OptionGroup var flags: ConfigurationFlags

    func run() async throws {
        print(try await ClusterNodes.table(of: flags.load()), terminator: "")
    }
}
