import ArgumentParser
import Foundation
import LiveKitClient
import LiveKitCore

/// A participant that publishes a test picture and a tone, or files; or one that watches such a participant and
/// measures what arrives.
@main
struct BotPublisher: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bot-publisher",
        abstract: "Publishes a test picture and a tone into a LiveKit room, or watches another bot that does.",
        discussion: """
            With no files it sends a moving picture that carries its number and its time, and a 440 Hz tone. \
            With --watch it joins as a second participant, decodes picture and tone, and exits with an error unless \
            nine of ten pictures arrived and the tone is right.
            """)

    @Option(help: "The server.")
    var url = "ws://127.0.0.1:7880"
    @Option(help: "The room to join; a token names its own.")
    var room = "demo"
    @Option(help: "Whom to join as; a token names its own.")
    var identity: String?
    @Option(help: "The API key to make a token with.")
    var apiKey = "devkey"
    @Option(help: "The API key's secret.")
    var apiSecret = "secret"
    @Option(help: "A token, instead of key and secret.")
    var token: String?
    @Option(help: "Seconds until it leaves; without end unless given.")
    var duration: Double?

    @Option(help: "A VP8 file in an IVF container, instead of the test picture.")
    var video: String?
    @Option(help: "An Opus file in an Ogg container, instead of the tone.")
    var audio: String?
    @Flag(name: .customLong("no-simulcast"), help: "Send the picture in its full size only.")
    var noSimulcast = false
    @Option(help: "The size of the test picture.")
    var size = PictureSize(width: 640, height: 360)
    @Option(help: "Pictures each second.")
    var fps = 30
    @Option(help: "The pitch of the tone in hertz; for --watch, the one to expect.")
    var tone = 440.0

    @Flag(help: "Watch another bot instead of publishing.")
    var watch = false
    @Option(help: "With --watch: whose tracks to watch; the first that come unless given.")
    var expectFrom: String?
    @Option(help: "With --watch: write one picture that arrived to this PNG file.")
    var saveFrame: String?

    func validate() throws {
        guard (1...120).contains(fps) else { throw ValidationError("--fps must be in 1...120.") }
        guard (20...20_000).contains(tone) else { throw ValidationError("--tone must be in 20...20000.") }
        if let duration, duration <= 0 { throw ValidationError("--duration must be positive.") }
    }

    func run() async throws {
        let room = Room()
        try await room.connect(url: url, token: makeToken())
        Console.say("joined \(room.name ?? "?") as \(room.localParticipant.identity?.stringValue ?? "?")")
        let end = RunEnd(duration: duration, room: room)
        do {
            if watch {
                let verdict = try await Watcher(room: room, command: self).run(until: end)
                await room.disconnect()
                Console.say(verdict.text)
                if !verdict.isGood { throw ExitCode.failure }
            } else {
                try await Publisher(room: room, command: self).run(until: end)
                await room.disconnect()
            }
        } catch {
            await room.disconnect()
            throw error
        }
    }

    private func makeToken() throws -> String {
        if let token { return token }
        let name = identity ?? (watch ? "bot-watcher" : "bot-publisher")
        var access = AccessToken(apiKey: apiKey, apiSecret: apiSecret, identity: name)
        access.video = VideoGrant(room: room, roomJoin: true)
        return try access.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }
}
