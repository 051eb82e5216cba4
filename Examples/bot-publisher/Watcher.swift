import Foundation
import LiveKitClient
import LiveKitMedia

/// Watches a publishing bot, says each second what arrives, and judges it in the end.
struct Watcher {
    let room: Room
    let command: BotPublisher
    private let pictures = PictureGauge()
    private let sound = ToneGauge()

    init(room: Room, command: BotPublisher) {
        self.room = room
        self.command = command
    }

    func run(until end: RunEnd) async throws -> Verdict {
        let events = room.events
        for participant in room.remoteParticipants.values {
            for case let publication as RemoteTrackPublication in participant.trackPublications.values {
                attach(publication, participant)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events {
                    guard case .trackSubscribed(let publication, let participant) = event else { continue }
                    attach(publication, participant)
                }
                // The room's loss is the run's end to tell.
                try await Task.sleep(for: .seconds(3600))
            }
            group.addTask { try await report() }
            group.addTask { try await end.wait() }
            defer { group.cancelAll() }
            try await group.next()
        }
        try save()
        return Verdict(picture: pictures.summary, tone: sound.frequency, expectedTone: command.tone)
    }

    private func attach(_ publication: RemoteTrackPublication, _ participant: RemoteParticipant) {
        if let expected = command.expectFrom, participant.identity?.stringValue != expected { return }
        switch publication.track {
        case let track as RemoteVideoTrack where pictures.adopt(track):
            Console.say("watching the picture of \(participant.identity?.stringValue ?? "?")")
            track.add(videoRenderer: pictures)
        case let track as RemoteAudioTrack where sound.adopt(track):
            Console.say("listening to \(participant.identity?.stringValue ?? "?")")
            track.add(audioRenderer: sound)
        default: break
        }
    }

    private func report() async throws {
        var second = 0
        var before = PictureGauge.Summary()
        var packetsBefore: UInt64 = 0
        while true {
            try await Task.sleep(for: .seconds(1))
            second += 1
            let now = pictures.summary
            let video = await pictures.track?.statistics().inboundStream
            let audio = await sound.track?.statistics().inboundStream
            let packets = (video?.packetsReceived ?? 0) + (audio?.packetsReceived ?? 0)
            let lost = (video?.packetsLost ?? 0) + (audio?.packetsLost ?? 0)
            let latency = now.latencyMilliseconds.map { Console.number($0) + " ms" } ?? "-"
            let tone = sound.frequency.map { Console.number($0) + " Hz" } ?? "-"
            Console.say(
                "\(second) s  \(packets &- packetsBefore) pkt/s  \(now.decoded - before.decoded) fps "
                    + "\(now.size)  lost \(lost)  latency \(latency)  tone \(tone)  "
                    + "key frames asked \(video?.keyframeRequests ?? 0)")
            before = now
            packetsBefore = packets
        }
    }

    private func save() throws {
        guard let path = command.saveFrame, let frame = pictures.newestFrame else { return }
        try Data(PNGWriter.encoded(frame)).write(to: URL(fileURLWithPath: path))
        Console.say("wrote \(path)")
    }
}
