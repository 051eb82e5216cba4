internal import ArgumentParser
internal import LiveKitServerKit

/// Lists every key of the configuration as the flag that it is.
struct HelpVerbose: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help-verbose", abstract: "List every key of the configuration with its flag and its default.")

    func run() {
        print(DemoServer.helpMessage())
        print(
            "\nKEYS OF THE CONFIGURATION, each also an environment variable: LIVEKIT_ and its path, as LIVEKIT_RTC_UDP_PORT\n"
        )
        print(ConfigurationSources.manual)
    }
}
