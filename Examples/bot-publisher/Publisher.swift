import Foundation
import LiveKitClient
import LiveKitMedia

/// Publishes, and says each second what goes out and what the server reports of it.
struct Publisher {
    let room: Room
    let command: BotPublisher

    func run(until end: RunEnd) async throws {
        let (videoTrack, picture) = try makeVideo()
        let (audioTrack, sound) = try makeAudio()
        var options = VideoPublishOptions()
        options.simulcast = !command.noSimulcast
        try await room.localParticipant.publish(videoTrack: videoTrack, options: options)
        try await room.localParticipant.publish(
            audioTrack: audioTrack, options: AudioPublishOptions(dtx: false))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await picture.run() }
            group.addTask { try await sound.run() }
            group.addTask { try await PublishingReport(video: videoTrack, audio: audioTrack).run() }
            group.addTask { try await end.wait() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func makeVideo() throws -> (LocalVideoTrack, any MediaSource) {
        if let path = command.video {
            let player = try IVFPlayer(path: path)
            return (player.track, player)
        }
        let size = command.size
        let track = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: size.width, height: size.height))
        return (track, PictureSource(track: track, framesPerSecond: command.fps))
    }

    private func makeAudio() throws -> (LocalAudioTrack, any MediaSource) {
        if let path = command.audio {
            let player = try OggPlayer(path: path)
            return (player.track, player)
        }
        let track = try LocalAudioTrack.createTrack()
        return (track, ToneSource(track: track, frequency: command.tone))
    }
}

/// Feeds a track at the pace at which it plays, until cancelled.
protocol MediaSource: Sendable {
    func run() async throws
}
