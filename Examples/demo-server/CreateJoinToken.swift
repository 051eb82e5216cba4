internal import ArgumentParser
internal import Foundation
internal import LiveKitCore
internal import LiveKitServerKit

/// Makes a token to join a room with, for a developer.
struct CreateJoinToken: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a token that joins a room, valid for 30 days.")
    private static let days: Int64 = 30

    @OptionGroup var flags: ConfigurationFlags
    @Option(help: "The room to join.")
    var room: String
    @Option(help: "The identity of the participant.")
    var identity: String
    @Flag(help: "A hidden participant that only subscribes.")
    var recorder = false

    func run() throws {
        let configuration = try flags.load()
        guard let (key, secret) = configuration.keys.min(by: { $0.key < $1.key }) else {
            throw ValidationError("There are no API keys. Give --keys \"key: secret\", --config FILE, or --dev.")
        }
        var token = AccessToken(apiKey: key, apiSecret: secret, identity: identity)
        var grant = VideoGrant(room: room, roomJoin: true)
        if recorder {
            grant.hidden = true
            grant.recorder = true
            grant.canPublish = false
            grant.canPublishData = false
        }
        token.video = grant
        token.timeToLive = .seconds(Self.days * 24 * 3600)
        let now = NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970))
        print("Token: \(try token.jwt(now: now))")
    }
}
