import ArgumentParser
import LiveKitClient
import LiveKitMedia

/// Plays a VP8 file in an endless loop.
struct IVFPlayer: MediaSource {
    let path: String
    let track: LocalVideoTrack

    init(path: String) throws {
        self.path = path
        let header = try IVFReader(path: path).header
        guard header.codec == "VP80" else { throw ValidationError("\(path) holds \(header.codec), not VP8.") }
        track = LocalVideoTrack.createEncodedTrack(
            dimensions: Dimensions(width: header.width, height: header.height))
    }

    func run() async throws {
        var reader = try IVFReader(path: path)
        let header = reader.header
        let clock = ContinuousClock()
        let start = clock.now
        var roundStart: Int64 = 0
        var last: Int64 = -1
        var frameDuration: Int64 = 33_333_333
        while true {
            guard let frame = try reader.nextFrame() else {
                guard last >= roundStart else { throw ValidationError("\(path) holds no frames.") }
                // The next round begins one frame after the last.
                roundStart = last + frameDuration
                try reader.rewind()
                continue
            }
            let seconds = Double(frame.timestamp) * Double(header.timebaseSeconds) / Double(header.timebaseTicks)
            let position = roundStart + Int64(seconds * 1e9)
            try await clock.sleep(until: start + .nanoseconds(position))
            track.capture(
                encoded: EncodedVideoFrame(
                    bytes: frame.bytes, isKeyframe: (frame.bytes.first ?? 1) & 1 == 0, timestampNanoseconds: position,
                    width: header.width, height: header.height))
            if last >= roundStart, position > last { frameDuration = position - last }
            last = position
        }
    }
}

/// Plays an Opus file in an endless loop.
struct OggPlayer: MediaSource {
    let path: String
    let track: LocalAudioTrack

    init(path: String) throws {
        self.path = path
        let head = try OggOpusReader(path: path).head
        track = try LocalAudioTrack.createEncodedTrack(channels: head.channels)
    }

    func run() async throws {
        var reader = try OggOpusReader(path: path)
        let clock = ContinuousClock()
        let start = clock.now
        var position: Int64 = 0
        var roundStart: Int64 = 0
        while true {
            guard let packet = try reader.nextPacket() else {
                guard position > roundStart else { throw ValidationError("\(path) holds no packets.") }
                roundStart = position
                try reader.rewind()
                continue
            }
            try await clock.sleep(until: start + .nanoseconds(position * 1_000_000_000 / 48_000))
            track.capture(encoded: packet.bytes, frameCount: packet.frameCount)
            position += Int64(packet.frameCount)
        }
    }
}
