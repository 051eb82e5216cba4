internal import ArgumentParser
internal import LiveKitServerKit

/// A LiveKit server for one machine: flags in, server out.
@main
struct DemoServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-server",
        abstract: "A LiveKit server that browsers and every LiveKit SDK can join.",
        discussion: """
            Without a subcommand it serves. With no flag but --dev it takes the key "devkey" with the secret "secret" on \
            this machine. Flags, which "help serve" lists, win over environment variables, and those over the \
            configuration file.
            """,
        version: LiveKitServer.version,
        subcommands: [
            Serve.self, GenerateKeys.self, CreateJoinToken.self, Ports.self, ListNodes.self, HelpVerbose.self,
        ],
        defaultSubcommand: Serve.self)
}
