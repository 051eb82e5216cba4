import LiveKitCore
import LiveKitRTC

/// A video and an audio jitter buffer under packets in any order, of any size and age.
final class JitterBufferModel {
    private var video = VideoJitterBuffer()
    private var audio = AudioJitterBuffer()
    private var now: MediaInstant = .start
    private var sequence: UInt16 = 65_500
    private var timestamp: UInt32 = .max - 50_000

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        let model = JitterBufferModel()
        var commands = 0
        while !input.isAtEnd, commands < 1000 {
            model.step(&input)
            commands += 1
        }
    }

    private func step(_ input: inout CommandReader) {
        switch input.number(below: 8) {
        case 0...4: insert(&input)
        case 5: now = now + .milliseconds(Int64(input.byte()))
        case 6: now = now + .milliseconds(Int64(input.byte()) * 20)
        default: video.setRoundTripTime(.milliseconds(Int64(input.byte()) * 4))
        }
        poll()
    }

    /// The next packet of a stream, or one from elsewhere.
    private func insert(_ input: inout CommandReader) {
        let flags = input.byte()
        switch flags & 7 {
        case 0, 1, 2, 3: sequence &+= 1
        case 4: sequence &+= UInt16(input.byte() & 15)
        case 5: sequence &-= UInt16(input.byte() & 15)
        case 6: sequence &+= UInt16(input.byte()) << 4
        default: sequence = input.uint16()
        }
        if flags & 8 != 0 { timestamp &+= 3000 }
        if flags & 16 != 0 { timestamp &+= input.uint32() }
        var header = RTPHeader(
            payloadType: 96, marker: flags & 32 != 0, sequenceNumber: SequenceNumber(rawValue: sequence),
            timestamp: timestamp, ssrc: SSRC(rawValue: 1))
        header.paddingSize = flags & 64 != 0 ? 9 : 0
        let packet = RTPPacket(header: header, payload: flags & 128 != 0 ? payload(&input) : []).encoded()
        guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else { return }
        let span = packet.rawSpan.clamped(offset: info.payloadOffset, size: info.payloadSize)
        video.insert(payload: span, info: info, now: now)
        audio.insert(payload: span, info: info, now: now)
    }

    /// A packet of a key frame, of another frame, or of nothing known.
    private func payload(_ input: inout CommandReader) -> [UInt8] {
        let picture = UInt8(truncatingIfNeeded: timestamp / 3000)
        switch input.number(below: 4) {
        case 0: return [0x90, 0x80, picture & 0x7F, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 0, 64, 0]
        case 1: return [0x90, 0x80, 0x80, picture, 1, 0, 0]
        case 2: return [0x80, 0x80, picture & 0x7F, 5, 5]
        default: return input.block()
        }
    }

    private func poll() {
        var frames = 0
        while let frame = video.pollFrame(now: now) {
            frames += 1
            precondition(frames <= RTPLimits.jitterPacketsVideo, "no end of frames")
            precondition(!frame.data.isEmpty && frame.data.count <= RTPLimits.frameSize, "a frame of no size")
        }
        _ = video.pollKeyFrameRequest(now: now)
        if let deadline = video.deadline { precondition(deadline > now, "a deadline that does not move on") }
        var outputs = 0
        while audio.poll(now: now) != nil {
            outputs += 1
            precondition(outputs <= RTPLimits.sequenceJump, "no end of audio")
        }
        if let deadline = audio.deadline { precondition(deadline > now, "a deadline that does not move on") }
    }
}
