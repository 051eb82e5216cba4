import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Audio jitter buffer")
struct AudioJitterBufferTests {
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func insert(
        _ value: Int, timestamp: Int? = nil, into buffer: inout AudioJitterBuffer, at milliseconds: Int64
    ) throws {
        let header = RTPHeader(
            payloadType: 111, sequenceNumber: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)),
            timestamp: UInt32(truncatingIfNeeded: timestamp ?? value * 960), ssrc: SSRC(rawValue: 1))
        let packet = RTPPacket(header: header, payload: [UInt8(truncatingIfNeeded: value)]).encoded()
        let info = try RTPPacketInfo(parsing: packet.rawSpan)
        let payload = packet.rawSpan.clamped(offset: info.payloadOffset, size: info.payloadSize)
        buffer.insert(payload: payload, info: info, now: at(milliseconds))
    }

    /// Positive numbers were played, negative ones lost.
    private func drain(_ buffer: inout AudioJitterBuffer, at milliseconds: Int64) -> [Int] {
        var numbers: [Int] = []
        while let output = buffer.poll(now: at(milliseconds)) {
            switch output {
            case .packet(_, let number, _): numbers.append(Int(number.rawValue))
            case .lost(let number, _): numbers.append(-Int(number.rawValue))
            }
        }
        return numbers
    }

    @Test("On an even path each packet waits the least delay")
    func even() throws {
        var buffer = AudioJitterBuffer()
        for value in 100..<150 {
            let now = Int64(value) * 20
            try insert(value, into: &buffer, at: now)
            check(buffer.deadline == at(now + 20))
            check(drain(&buffer, at: now + 19).isEmpty)
            check(drain(&buffer, at: now + 20) == [value])
        }
        check(buffer.delay == .milliseconds(20))
    }

    @Test("Packets that swap places play in order")
    func reordering() throws {
        var buffer = AudioJitterBuffer()
        try insert(1, into: &buffer, at: 20)
        try insert(3, into: &buffer, at: 60)
        check(drain(&buffer, at: 41) == [1])
        try insert(2, into: &buffer, at: 61)
        check(drain(&buffer, at: 200) == [2, 3])
        check(buffer.lostCount == 0)
    }

    @Test("A packet that is not there at its time is lost, and too late afterwards")
    func loss() throws {
        var buffer = AudioJitterBuffer()
        try insert(1, into: &buffer, at: 20)
        check(drain(&buffer, at: 40) == [1])
        check(buffer.deadline == nil)
        try insert(4, into: &buffer, at: 80)
        check(buffer.deadline == at(60))
        check(drain(&buffer, at: 60) == [-2])
        check(buffer.poll(now: at(80)) == .lost(sequenceNumber: SequenceNumber(rawValue: 3), timestamp: 2880))
        check(drain(&buffer, at: 100) == [4])
        try insert(2, into: &buffer, at: 101)
        check(buffer.droppedCount == 1)
        check(buffer.lostCount == 2)
    }

    @Test("Timestamps that jump, forth or back, hold nothing up", arguments: [3600, -3600, 4, -4])
    func timestampJump(seconds: Int) throws {
        var buffer = AudioJitterBuffer()
        var played: [Int] = []
        for value in 1...60 {
            let jump = value > 30 ? seconds * 48_000 : 0
            // Some wait when the jump comes; number 30 never comes.
            if value != 30 {
                try insert(value, timestamp: value * 960 + jump, into: &buffer, at: Int64(value) * 20)
            }
            played += drain(&buffer, at: Int64(value) * 20)
        }
        played += drain(&buffer, at: 1500)
        check(played.filter { $0 > 0 } == Array(1...29) + Array(31...60))
        check(buffer.droppedCount == 0)
        check(buffer.delay <= .milliseconds(200))
    }

    @Test("Silence that is not sent is no loss")
    func discontinuousTransmission() throws {
        var buffer = AudioJitterBuffer()
        try insert(1, timestamp: 0, into: &buffer, at: 0)
        check(drain(&buffer, at: 20) == [1])
        check(drain(&buffer, at: 400).isEmpty)
        try insert(2, timestamp: 20 * 960, into: &buffer, at: 400)
        check(buffer.deadline == at(420))
        check(drain(&buffer, at: 420) == [2])
        check(buffer.lostCount == 0)
    }

    @Test("The delay follows the jitter up, within its bounds, and slowly down")
    func adaption() throws {
        var buffer = AudioJitterBuffer()
        for value in 0..<50 {
            try insert(value, into: &buffer, at: Int64(value) * 20 + (value % 5 == 0 ? 80 : 0))
            _ = drain(&buffer, at: Int64(value) * 20)
        }
        check(buffer.delay > .milliseconds(80))
        check(buffer.delay <= .milliseconds(200))
        for value in 50..<4000 {
            try insert(value, into: &buffer, at: Int64(value) * 20)
            _ = drain(&buffer, at: Int64(value) * 20)
        }
        check(buffer.delay < .milliseconds(30))
    }

    @Test("A burst beyond the capacity keeps the newest")
    func overflow() throws {
        var buffer = AudioJitterBuffer()
        for value in 0..<500 { try insert(value, into: &buffer, at: 0) }
        let played = drain(&buffer, at: 60_000)
        check(played == Array(372..<500))
        check(buffer.droppedCount == 372)
    }

    @Test("A source that restarts elsewhere plays on", arguments: [30_000, 200])
    func restart(start: Int) throws {
        var buffer = AudioJitterBuffer()
        for value in 20_000..<20_010 { try insert(value, into: &buffer, at: Int64(value - 20_000) * 20) }
        _ = drain(&buffer, at: 230)
        for value in 0..<5 {
            try insert(start + value, timestamp: 7_000_000 + value * 960, into: &buffer, at: 240 + Int64(value) * 20)
        }
        check(drain(&buffer, at: 400) == Array(start..<start + 5))
    }

    @Test("At 5 % loss and 30 ms of jitter nearly all that arrives is played", arguments: 1...10 as ClosedRange<UInt64>)
    func lossyPath(seed: UInt64) throws {
        var link = SimulatedLink<Int>(
            seed: seed, conditions: .init(loss: 0.05, duplication: 0.02, delay: .milliseconds(20) ... .milliseconds(50))
        )
        var buffer = AudioJitterBuffer()
        var played: [Int] = []
        for value in 65_000..<66_000 {
            link.send(value, to: .right)
            let end = link.now + .milliseconds(20)
            while link.now < end {
                link.advance(to: buffer.deadline.map { max($0, link.now) }, end: end)
                let now = link.now
                for arrival in link.arrivals() {
                    try insert(arrival.payload, into: &buffer, at: (now - .start).milliseconds)
                }
                played += drain(&buffer, at: (now - .start).milliseconds)
                if buffer.deadline.map({ $0 <= now }) ?? false { link.advance(to: now + .milliseconds(1), end: end) }
            }
        }
        let lost = played.filter { $0 < 0 }.count
        check(played.count > 980)
        check(Double(lost) / Double(played.count) < 0.09)
        let numbers = played.map { SequenceNumber(rawValue: UInt16(abs($0))) }
        check(zip(numbers, numbers.dropFirst()).allSatisfy { $0.advanced(by: 1) == $1 })
    }
}
