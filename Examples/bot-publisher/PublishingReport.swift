import LiveKitClient

/// Says each second what a publisher sends, and what its receiver reports.
struct PublishingReport: Sendable {
    let video: LocalVideoTrack
    let audio: LocalAudioTrack

    func run() async throws {
        var before = await video.statistics().outboundStreams + audio.statistics().outboundStreams
        var second = 0
        while true {
            try await Task.sleep(for: .seconds(1))
            second += 1
            let layers = await video.statistics().outboundStreams
            let sound = await audio.statistics().outboundStreams
            let now = layers + sound
            let old = before.count == now.count ? before : now
            let videoText = zip(layers, old).map { Self.text($0, since: $1) }.joined(separator: ", ")
            let soundText = zip(sound, old.suffix(sound.count)).map { new, old in
                "\(new.packetsSent &- old.packetsSent) pkt/s"
            }.joined()
            Console.say("\(second) s  video \(videoText) | audio \(soundText) | \(Self.report(now))")
            before = now
        }
    }

    private static func text(_ new: OutboundStreamStatistics, since old: OutboundStreamStatistics) -> String {
        let name = new.rid.map { $0 + " " } ?? ""
        let kilobits = (new.bytesSent &- old.bytesSent) * 8 / 1000
        return "\(name)\(new.framesSent &- old.framesSent) fps \(kilobits) kbit/s"
    }

    private static func report(_ streams: [OutboundStreamStatistics]) -> String {
        let loss = streams.compactMap(\.fractionLost).max().map { Console.number($0 * 100) + " %" } ?? "-"
        let roundTrip = streams.compactMap(\.roundTripTime).max().map { Console.number($0 * 1000) + " ms" } ?? "-"
        let requests = streams.reduce(0) { $0 + $1.keyframeRequests }
        let again = streams.reduce(0) { $0 + $1.retransmittedPacketsSent }
        return "loss \(loss) rtt \(roundTrip) key frames asked \(requests) sent again \(again)"
    }
}
