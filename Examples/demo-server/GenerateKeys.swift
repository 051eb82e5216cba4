internal import ArgumentParser
internal import LiveKitServerKit

/// Makes a pair of an API key and its secret.
struct GenerateKeys: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an API key and its secret.")

    func run() {
        let pair = APIKeyPair.random()
        print("API Key:  \(pair.key)")
        print("API Secret:  \(pair.secret)")
    }
}
