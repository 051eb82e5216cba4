package import LiveKitCore

/// Plays an audio stream's packets out in order, at an even pace, after a small delay that follows the jitter.
///
/// Each packet has its time: the fastest packet's travel time plus the delay after its timestamp. A packet that is
/// not there at its time, though later ones are, is told as lost, so that the decoder conceals it; it may have
/// announced itself through forward error correction in the packet behind. Silence that the sender does not send
/// (DTX) is no loss: the timestamps jump and the numbers do not.
package struct AudioJitterBuffer: ~Copyable {
    package enum Output: Hashable, Sendable {
        /// The next packet's payload.
        case packet(payload: [UInt8], sequenceNumber: SequenceNumber, timestamp: UInt32)
        /// The next packet did not come. Not told of those whose time was over long before anything came after them.
        case lost(sequenceNumber: SequenceNumber, timestamp: UInt32)
    }

    private let clockRate: Int64
    private var slab = PacketSlab(capacity: RTPLimits.jitterPacketsAudio, slotSize: RTPLimits.packetSize)
    private var extender = SequenceExtender()
    private var timestamps = TimestampExtender()
    private var estimator: PlayoutDelayEstimator
    private let delayRange: ClosedRange<MediaDuration>
    /// The first packet that was not given out.
    private var next: Int64 = 0
    private var hasPlayed = false
    private var lastArrival = MediaInstant.start
    private var lastTimestamp: UInt32 = 0
    private var lastExtendedTimestamp: Int64 = 0
    /// Packets that came after their time, twice, or too large.
    package private(set) var droppedCount: UInt64 = 0
    package private(set) var lostCount: UInt64 = 0
    package private(set) var playedCount: UInt64 = 0

    package init(
        clockRate: UInt32 = 48_000, delay: ClosedRange<MediaDuration> = .milliseconds(20) ... .milliseconds(200)
    ) {
        self.clockRate = Int64(max(clockRate, 1))
        delayRange = delay
        estimator = PlayoutDelayEstimator(range: delay)
    }

    /// What packets wait at present, beyond the fastest packet's travel time.
    package var delay: MediaDuration { estimator.delay }

    package mutating func insert(payload: RawSpan, info: RTPPacketInfo, now: MediaInstant) {
        guard payload.byteCount > 0 else { return }
        lastArrival = now
        if extender.highest == nil { next = Int64(info.sequenceNumber.rawValue) }
        var number = extender.extended(info.sequenceNumber)
        if let highest = extender.highest, abs(number - highest) > Int64(RTPLimits.sequenceJump) {
            restart(at: info.sequenceNumber)
            number = Int64(info.sequenceNumber.rawValue)
        }
        let isNewest = extender.highest.map { number > $0 } ?? true
        if isNewest || number >= next { observe(timestamp: info.timestamp, now: now) }
        if number < next {
            guard !hasPlayed, next - number < Int64(RTPLimits.sequenceReordering), let highest = extender.highest,
                highest - number < Int64(slab.capacity)
            else {
                droppedCount += 1
                return
            }
            next = number  // The stream's first packets came out of order.
        }
        if number - next >= Int64(slab.capacity) { skip(to: number - Int64(slab.capacity) + 1) }
        _ = extender.extend(info.sequenceNumber)
        if !slab.insert(payload, number: number, timestamp: info.timestamp, marker: info.marker) { droppedCount += 1 }
    }

    /// When ``poll(now:)`` next has something to give out.
    package var deadline: MediaInstant? {
        guard let playout = nextPlayout() else { return nil }
        return playout.at
    }

    /// What to play at `now`, or `nil` before the next packet's time. Call until it returns `nil`.
    package mutating func poll(now: MediaInstant) -> Output? {
        while let playout = nextPlayout(), playout.at <= now {
            let number = next
            let sequenceNumber = SequenceNumber(rawValue: UInt16(truncatingIfNeeded: number))
            (next, hasPlayed, lastTimestamp) = (number + 1, true, playout.timestamp)
            guard let entry = slab.entry(number) else {
                lostCount += 1
                // After an outage its silence is over already; to conceal it now would only add delay.
                if now - playout.at > RTPLimits.longestConcealment { continue }
                return .lost(sequenceNumber: sequenceNumber, timestamp: playout.timestamp)
            }
            let payload = slab.withPayload(entry) { [UInt8](copying: $0) }
            slab.remove(number)
            playedCount += 1
            return .packet(payload: payload, sequenceNumber: sequenceNumber, timestamp: playout.timestamp)
        }
        return nil
    }
}

extension AudioJitterBuffer {
    private mutating func observe(timestamp: UInt32, now: MediaInstant) {
        lastExtendedTimestamp = timestamps.extend(timestamp)
        estimator.observe(transit: now - MediaInstant.start - duration(lastExtendedTimestamp), now: now)
    }

    private func duration(_ units: Int64) -> MediaDuration {
        let (seconds, rest) = units.quotientAndRemainder(dividingBy: clockRate)
        return .seconds(seconds) + MediaDuration(nanoseconds: rest * 1_000_000_000 / clockRate)
    }

    /// When the packet `next` is due and under which timestamp. `nil` while neither it nor a later one is there.
    private func nextPlayout() -> (at: MediaInstant, timestamp: UInt32)? {
        guard let highest = extender.highest, highest >= next else { return nil }
        var number = next
        while number <= highest {
            if let entry = slab.entry(number) {
                let timestamp = interpolate(to: entry)
                return (playoutTime(of: timestamp), timestamp)
            }
            number += 1
        }
        return nil
    }

    /// The timestamp of `next`, on the line between the last packet played and the next one there is.
    private func interpolate(to entry: PacketSlab.Entry) -> UInt32 {
        let missing = entry.number - next
        guard missing > 0 else { return entry.timestamp }
        guard hasPlayed else { return entry.timestamp &- UInt32(truncatingIfNeeded: missing * clockRate / 50) }
        let step = Int64(entry.timestamp &- lastTimestamp) / (missing + 1)
        return lastTimestamp &+ UInt32(truncatingIfNeeded: step)
    }

    /// No packet that came waits longer than the longest delay, except by a timestamp of another timeline, which the
    /// stream had before it jumped.
    private func playoutTime(of timestamp: UInt32) -> MediaInstant {
        let behind = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: lastExtendedTimestamp))
        let time = duration(lastExtendedTimestamp + Int64(behind)) + estimator.base + estimator.delay
        return min(MediaInstant.start + time, lastArrival + delayRange.upperBound)
    }

    /// Gives up what is before `number`, because there is no room to keep it.
    private mutating func skip(to number: Int64) {
        if number - next > Int64(slab.capacity) {
            slab.removeAll()
        } else {
            for old in next..<number { slab.remove(old) }
        }
        droppedCount += UInt64(number - next)
        next = number
    }

    private mutating func restart(at sequenceNumber: SequenceNumber) {
        slab.removeAll()
        extender.reset()
        next = Int64(sequenceNumber.rawValue)
        hasPlayed = false
        timestamps = TimestampExtender()
        estimator = PlayoutDelayEstimator(range: delayRange)
    }
}
