internal import LiveKitCore
internal import LiveKitRTC

// What a subscriber is sent where its track falls silent or ends.

extension DownTrack {
    private var blankFrame: BlankFrame? { track.codec.flatMap { BlankFrame(codec: $0.name) } }

    /// The track is muted from now on.
    func beginSilence() {
        guard let count = blankFrame?.mutingCount, count > 0, rewriter.newest != nil else { return }
        silentFramesLeft = count
        paceSilence()
    }

    /// Sends the next frame of silence. Returns whether another one is due.
    func sendSilence(now: MediaInstant) -> Bool {
        guard silentFramesLeft > 0, let frame = blankFrame, send(frame, count: 1, now: now) else { return false }
        silentFramesLeft -= 1
        return silentFramesLeft > 0
    }

    /// Sends what a track ends with, at once: its timestamps tell the receiver when each is due.
    func flush(now: MediaInstant) {
        if let frame = blankFrame { send(frame, count: frame.closingCount, now: now) }
    }

    /// Returns `false` where there is nobody to send to, or nothing was sent that they could follow.
    @discardableResult
    private func send(_ frame: BlankFrame, count: Int, now: MediaInstant) -> Bool {
        guard let payloadType, let connection, var run = peer.beginRun() else { return false }
        let payload = frame.payload + (track.announcement.isEncrypted ? connection.serverFrameTrailer : [])
        var isSent = false
        for _ in 0..<count {
            guard let entry = rewriter.insert(duration: frame.duration, hasPicture: frame == .picture, now: now) else {
                break
            }
            let slot = unsafe run.reserve()
            var span = unsafe MutableRawSpan(_unsafeBytes: slot)
            let number = UInt16(truncatingIfNeeded: entry.number)
            var offset = writeHeader(
                payloadType: payloadType, marker: true, number: number, timestamp: entry.timestamp, ssrc: stream.ssrc,
                to: &span)
            let headerSize = offset
            if let descriptor = entry.descriptor { offset += descriptor.write(to: &span, at: offset) ?? 0 }
            span.store(payload.rawSpan, at: offset)
            offset += payload.count
            isSent = unsafe run.send(
                slot, count: offset, on: stream, timestamp: entry.timestamp, payloadSize: offset - headerSize, now: now)
        }
        peer.finish(run)
        return isSent
    }
}
