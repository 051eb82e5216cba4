package import LiveKitCore

/// Puts a video stream's packets back in order and gives out whole VP8 frames that a decoder can use.
///
/// Frames leave as soon as they are complete and everything before them was given out. A gap is waited for while it
/// may still be repaired; then the buffer asks for a key frame, and gives out nothing before one is complete.
///
/// ```
///   awaitingKeyFrame --- complete key frame --> decoding --- gap past its wait, overflow --> awaitingKeyFrame
/// ```
package struct VideoJitterBuffer: ~Copyable {
    package struct Configuration: Sendable {
        /// How long a gap may hold up what is behind it; ``VideoJitterBuffer/setRoundTripTime(_:)`` lengthens it.
        package var minimumWait: MediaDuration = .milliseconds(400)
        package var maximumWait: MediaDuration = .milliseconds(1000)
        /// Key frames are asked for at most this often.
        package var keyFrameRequestInterval: MediaDuration = .milliseconds(500)

        package init() {}
    }

    private enum State { case awaitingKeyFrame, decoding }

    private let configuration: Configuration
    private var wait: MediaDuration
    private var slab = PacketSlab(capacity: RTPLimits.jitterPacketsVideo, slotSize: RTPLimits.packetSize)
    private var extender = SequenceExtender()
    private var state = State.awaitingKeyFrame
    /// The first packet that was not given out.
    private var next: Int64 = 0
    private var blockedSince: MediaInstant?
    private var lastPictureID: UInt16?
    private var needsKeyFrame = false
    private var lastRequestAt: MediaInstant?
    /// Packets that came after their place was given up, twice, or too large.
    package private(set) var droppedPacketCount: UInt64 = 0
    /// How often decoding had to begin anew.
    package private(set) var lossCount: UInt64 = 0
    package private(set) var frameCount: UInt64 = 0

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        wait = configuration.minimumWait
    }

    /// Eight round trips let a request or its answer be lost three times and still be served. To give up sooner saves
    /// little: the key frame that is asked for then takes its round trip and is the largest frame of all.
    package mutating func setRoundTripTime(_ time: MediaDuration) {
        wait = min(max(time * 8, configuration.minimumWait), configuration.maximumWait)
    }

    /// When ``pollFrame(now:)`` or ``pollKeyFrameRequest(now:)`` may have something that no packet brought.
    package var deadline: MediaInstant? {
        let request = needsKeyFrame ? lastRequestAt.map { $0 + configuration.keyFrameRequestInterval } ?? .start : nil
        return MediaInstant.earliest(request, blockedSince.map { $0 + wait })
    }

    /// Takes a packet, retransmitted or not.
    package mutating func insert(payload: RawSpan, info: RTPPacketInfo, now: MediaInstant) {
        if extender.highest == nil { next = Int64(info.sequenceNumber.rawValue) }
        let number = extender.extended(info.sequenceNumber)
        if let highest = extender.highest, abs(number - highest) > Int64(RTPLimits.sequenceJump) {
            restart(at: info.sequenceNumber)
        } else if number - next >= Int64(slab.capacity) {
            // Too far ahead to keep both: what is held cannot be repaired any more.
            loseDecoding()
            advance(to: number - Int64(slab.capacity) + 1)
        } else if number < next {
            guard state == .awaitingKeyFrame, frameCount == 0, next - number < Int64(RTPLimits.sequenceReordering),
                let highest = extender.highest, highest - number < Int64(slab.capacity)
            else {
                droppedPacketCount += 1
                return
            }
            next = number  // The stream's first packets came out of order.
        }
        let extended = extender.extend(info.sequenceNumber)
        if !slab.insert(payload, number: extended, timestamp: info.timestamp, marker: info.marker) {
            droppedPacketCount += 1
        }
        if state == .awaitingKeyFrame { needsKeyFrame = true }
    }

    /// The next frame that can be decoded, or `nil`. Call until it returns `nil`.
    package mutating func pollFrame(now: MediaInstant) -> AssembledVideoFrame? {
        if state == .decoding {
            if let frame = takeNextFrame() {
                blockedSince = nil
                return frame
            }
            guard isBlocked else { return nil }
            let since = blockedSince ?? now
            blockedSince = since
            guard now - since >= wait else { return nil }
            loseDecoding()
        }
        return takeKeyFrame()
    }

    /// Whether to send a picture loss indication now.
    package mutating func pollKeyFrameRequest(now: MediaInstant) -> Bool {
        guard needsKeyFrame else { return false }
        if let lastRequestAt, now - lastRequestAt < configuration.keyFrameRequestInterval { return false }
        lastRequestAt = now
        needsKeyFrame = false  // The next packet that is no use asks again; a muted stream does not.
        return true
    }
}

extension VideoJitterBuffer {
    /// Whether packets wait behind something that is missing.
    private var isBlocked: Bool { extender.highest.map { $0 >= next } ?? false }

    /// The frame at `next`, when it is complete.
    private mutating func takeNextFrame() -> AssembledVideoFrame? {
        skipPadding()
        if slab.entry(next) == nil, let start = frameAfterPaddingGap() { advance(to: start) }
        guard isFrameStart(next), let last = lastPacketOfFrame(at: next) else { return nil }
        return take(from: next, through: last)
    }

    /// Packets without payload are probes and take no part in any frame.
    private mutating func skipPadding() {
        while let entry = slab.entry(next), entry.size == 0 {
            slab.remove(next)
            next += 1
        }
    }

    /// When all that is missing lies between two frames with neighbouring picture numbers, it was padding.
    private func frameAfterPaddingGap() -> Int64? {
        guard let lastPictureID, let highest = extender.highest, highest > next else { return nil }
        var number = next
        while number <= highest, slab.entry(number) == nil { number += 1 }
        guard let descriptor = descriptor(number), descriptor.isPartitionStart, descriptor.partitionIndex == 0,
            descriptor.isPictureIDLong, descriptor.pictureID == (lastPictureID + 1) & 0x7FFF
        else { return nil }
        return number
    }

    /// The oldest complete key frame; what is before it is given up.
    private mutating func takeKeyFrame() -> AssembledVideoFrame? {
        guard let highest = extender.highest, highest >= next else { return nil }
        for number in next...highest {
            guard let entry = slab.entry(number), slab.withPayload(entry, VP8PayloadDescriptor.isKeyFrame(payload:)),
                let last = lastPacketOfFrame(at: number)
            else { continue }
            advance(to: number)
            state = .decoding
            needsKeyFrame = false
            blockedSince = nil
            return take(from: number, through: last)
        }
        return nil
    }

    private func isFrameStart(_ number: Int64) -> Bool {
        descriptor(number).map { $0.isPartitionStart && $0.partitionIndex == 0 } ?? false
    }

    private func descriptor(_ number: Int64) -> VP8PayloadDescriptor? {
        guard let entry = slab.entry(number) else { return nil }
        return slab.withPayload(entry) { try? VP8PayloadDescriptor(parsing: $0) }
    }

    /// The packet with the marker bit, when all from `first` to it are there under one timestamp.
    private func lastPacketOfFrame(at first: Int64) -> Int64? {
        guard let start = slab.entry(first) else { return nil }
        var number = first
        while let entry = slab.entry(number), entry.timestamp == start.timestamp {
            if entry.marker { return number }
            number += 1
        }
        return nil
    }

    private mutating func take(from first: Int64, through last: Int64) -> AssembledVideoFrame? {
        var assembler = VP8FrameAssembler()
        var frame: AssembledVideoFrame?
        for number in first...last {
            guard let entry = slab.entry(number) else { continue }
            let sequenceNumber = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: number))
            frame = slab.withPayload(entry) { payload in
                assembler.receive(
                    payload: payload, sequenceNumber: sequenceNumber, timestamp: entry.timestamp, marker: entry.marker)
            }
        }
        advance(to: last + 1)
        guard let frame else {
            loseDecoding()
            return nil
        }
        lastPictureID = frame.pictureID
        frameCount += 1
        return frame
    }

    /// Gives up all packets before `number`.
    private mutating func advance(to number: Int64) {
        if number - next > Int64(slab.capacity) {
            slab.removeAll()
        } else {
            while next < number {
                slab.remove(next)
                next += 1
            }
        }
        next = max(next, number)
    }

    private mutating func loseDecoding() {
        blockedSince = nil
        lastPictureID = nil
        needsKeyFrame = true
        guard state == .decoding else { return }
        state = .awaitingKeyFrame
        lossCount += 1
    }

    private mutating func restart(at sequenceNumber: SequenceNumber) {
        loseDecoding()
        slab.removeAll()
        extender.reset()
        next = Int64(sequenceNumber.rawValue)
    }
}
