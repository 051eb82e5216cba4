import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// A stream of RTP packets of every shape, whose extensions change on the way as the pacer's do.
private struct MediaStream {
    static let ssrc = SSRC(rawValue: 0x1122_3344)
    static let extensions: FlexFECMutableExtensions = {
        var ids = FlexFECMutableExtensions()
        ids.transportSequence = 3
        ids.absoluteSendTime = 5
        return ids
    }()

    var random: DeterministicRandom
    var number: Int
    var timestamp: UInt32
    var largestPayload = 1100
    private var left = 0

    init(seed: UInt64, number: Int = 65_500) {
        random = DeterministicRandom(seed: seed)
        self.number = number
        timestamp = UInt32.max - 20_000
    }

    /// The next packet: pictures of `size` packets each.
    mutating func next(pictures size: ClosedRange<Int> = 1...6) -> [UInt8] {
        if left == 0 {
            left = Int.random(in: size, using: &random)
            timestamp &+= 3000
        }
        left -= 1
        var header = RTPHeader(
            payloadType: 96, marker: left == 0, sequenceNumber: SequenceNumber(rawValue: UInt16(number & 0xFFFF)),
            timestamp: timestamp, ssrc: Self.ssrc,
            extensions: [
                .init(id: 1, value: [UInt8(truncatingIfNeeded: number)]), .init(id: 3, value: [0, 0]),
                .init(id: 5, value: [0, 0, 0]),
            ])
        if number % 11 == 0 { header.paddingSize = 7 }
        if number % 7 == 0 { header.csrcs = [SSRC(rawValue: 5), SSRC(rawValue: 6)] }
        if number % 13 == 0 { header.extensions = [] }
        number += 1
        let payload = (0..<Int.random(in: 0...largestPayload, using: &random)).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        return RTPPacket(header: header, payload: payload).encoded()
    }

    /// The packet as the pacer sends it: with a transport number and a send time.
    mutating func paced(_ packet: [UInt8]) throws -> [UInt8] {
        var bytes = packet
        let info = try RTPPacketInfo(parsing: packet.rawSpan)
        for id in [3, 5] as [UInt8] {
            guard let range = info.extensionRange(id: id, in: packet.rawSpan) else { continue }
            for index in range.offset..<range.offset + range.size {
                bytes[index] = .random(in: .min ... .max, using: &random)
            }
        }
        return bytes
    }
}

extension FlexFECReceiver {
    fileprivate mutating func receive(_ packet: [UInt8]) throws {
        let info = try RTPPacketInfo(parsing: packet.rawSpan)
        receive(media: packet.rawSpan, info: info)
    }

    fileprivate mutating func drain() -> [[UInt8]] {
        var packets: [[UInt8]] = []
        while let packet = pollRecovered() { packets.append(packet) }
        return packets
    }
}

@Suite("FlexFEC machines, draft-ietf-payload-flexible-fec-scheme-03")
struct FlexFECTests {
    private static let ssrc = MediaStream.ssrc

    /// A repair packet over `packets`, made here bit by bit rather than by the sender under test.
    private func repair(_ packets: [[UInt8]], base: Int, offsets: [Int]) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: 8)
        var body = [UInt8](repeating: 0, count: packets.map { $0.count - 12 }.max() ?? 0)
        for packet in packets {
            for index in [0, 1, 4, 5, 6, 7] { head[index] ^= packet[index] }
            head[2] ^= UInt8((packet.count - 12) >> 8)
            head[3] ^= UInt8((packet.count - 12) & 0xFF)
            for index in 12..<packet.count { body[index - 12] ^= packet[index] }
        }
        head[0] &= 0x3F
        var mask = [UInt8](repeating: 0, count: 2)
        mask[0] = 0x80
        for offset in offsets { mask[(offset + 1) / 8] |= 0x80 >> UInt8((offset + 1) % 8) }
        return head + [1, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, UInt8(base >> 8), UInt8(base & 0xFF)] + mask + body
    }

    @Test("Any one of the packets under a repair comes back whole", arguments: 0..<4)
    func single(lost: Int) throws {
        var stream = MediaStream(seed: 1, number: 65_534)
        let packets = (0..<4).map { _ in stream.next() }
        let repair = repair(packets, base: 65_533, offsets: [1, 2, 3, 4])
        for order in [true, false] {
            var receiver = FlexFECReceiver(protected: Self.ssrc, mutableExtensions: MediaStream.extensions)
            if order { receiver.receive(repair: repair.rawSpan) }
            for (index, packet) in packets.enumerated() where index != lost {
                try receiver.receive(stream.paced(packet))
            }
            if !order { receiver.receive(repair: repair.rawSpan) }
            check(receiver.drain() == [packets[lost]])
            check(receiver.recoveredCount == 1)
        }
    }

    @Test("Two losses under one repair wait for a retransmission of neither, and for a recovery of one")
    func chained() throws {
        var stream = MediaStream(seed: 2, number: 100)
        let packets = (0..<4).map { _ in stream.next() }
        var receiver = FlexFECReceiver(protected: Self.ssrc, mutableExtensions: MediaStream.extensions)
        try receiver.receive(packets[0])
        try receiver.receive(packets[3])
        // 1 and 2 are lost. The first repair is over all four, the second over 0 and 1 alone.
        receiver.receive(repair: repair(packets, base: 100, offsets: [0, 1, 2, 3]).rawSpan)
        check(receiver.drain().isEmpty)
        receiver.receive(repair: repair([packets[0], packets[1]], base: 100, offsets: [0, 1]).rawSpan)
        check(receiver.drain() == [packets[1], packets[2]])
    }

    @Test("What came as a retransmission is not handed out again, but repairs others")
    func retransmissions() throws {
        var stream = MediaStream(seed: 3, number: 100)
        let packets = (0..<4).map { _ in stream.next() }
        var receiver = FlexFECReceiver(protected: Self.ssrc, mutableExtensions: MediaStream.extensions)
        try receiver.receive(packets[0])
        try receiver.receive(packets[3])
        receiver.receive(retransmission: SequenceNumber(rawValue: 101))
        receiver.receive(repair: repair(packets, base: 100, offsets: [0, 1, 2, 3]).rawSpan)
        receiver.receive(repair: repair([packets[0], packets[1]], base: 100, offsets: [0, 1]).rawSpan)
        check(receiver.drain() == [packets[2]])
    }

    @Test("A repair that lies about its packets yields nothing that is no packet")
    func lies() throws {
        var stream = MediaStream(seed: 4, number: 100)
        let packets = (0..<3).map { _ in stream.next() }
        var receiver = FlexFECReceiver(protected: Self.ssrc, mutableExtensions: MediaStream.extensions)
        try receiver.receive(packets[0])
        var long = repair([packets[0], packets[1]], base: 100, offsets: [0, 1])
        long[2] ^= 0xFF
        receiver.receive(repair: long.rawSpan)
        let short = Array(repair([packets[0], packets[1]], base: 100, offsets: [0, 1]).prefix(30))
        receiver.receive(repair: short.rawSpan)
        check(receiver.drain().isEmpty)
        check(receiver.discardedCount == 2)
        let other = [UInt8](repeating: 0, count: 12) + [9, 9, 9, 9, 0, 100, 0xC0, 0, 1, 2, 3]
        receiver.receive(repair: other.rawSpan)
        check(receiver.discardedCount == 3)
    }

    @Test("Hostile repairs stay within bounds and never trap", arguments: 1...4 as ClosedRange<UInt64>)
    func hostile(seed: UInt64) throws {
        var stream = MediaStream(seed: seed)
        var random = DeterministicRandom(seed: seed)
        var receiver = FlexFECReceiver(protected: Self.ssrc)
        for _ in 0..<3000 {
            if Bool.random(using: &random) {
                try receiver.receive(stream.next())
            } else {
                let header = FlexFECHeader(
                    flagsRecovery: .random(in: 0...0x3FFF, using: &random),
                    lengthRecovery: .random(in: 0...60, using: &random), timestampRecovery: 0, protected: Self.ssrc,
                    base: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: stream.number - 80)),
                    mask: FlexFECMask(
                        offsets: (0..<Int.random(in: 1...20, using: &random)).map { _ in
                            Int.random(in: 0..<109, using: &random)
                        }))
                let payload = header.encoded() + [UInt8](repeating: 7, count: Int.random(in: 0...1200, using: &random))
                receiver.receive(repair: payload.rawSpan)
            }
            for packet in receiver.drain() { check(packet.count <= RTPLimits.packetSize) }
        }
        check(receiver.discardedCount > 0)
    }

    @Test("Repair packets come at the pictures' ends, interleaved, and no more than earned")
    func sender() throws {
        var stream = MediaStream(seed: 5, number: 65_530)
        var sender = FlexFECSender(
            protected: Self.ssrc, configuration: .init(protectionFactor: 64), mutableExtensions: MediaStream.extensions)
        // Pictures of twelve packets: three repair packets each.
        for picture in 0..<4 {
            let first = stream.number
            for index in 0..<12 {
                let packet = stream.next(pictures: 12...12)
                let info = try RTPPacketInfo(parsing: packet.rawSpan)
                sender.protect(packet.rawSpan, info: info, now: .start + .milliseconds(Int64(picture) * 33))
                if index < 11 { check(sender.poll() == nil) }
            }
            for index in 0..<3 {
                let polled = sender.poll()
                let payload = try #require(polled)
                let (header, _) = try FlexFECHeader.parse(payload.rawSpan)
                check(header.base == SequenceNumber(rawValue: UInt16(first & 0xFFFF)))
                check(header.mask == FlexFECMask(offsets: [index, index + 3, index + 6, index + 9]))
                check(header.protected == Self.ssrc)
            }
            check(sender.poll() == nil)
        }
        check(sender.deadline == nil)
    }

    @Test("A group that nothing follows is closed by time")
    func closedByTime() throws {
        var stream = MediaStream(seed: 6)
        var sender = FlexFECSender(protected: Self.ssrc, configuration: .init(protectionFactor: 25))
        let packet = stream.next()
        sender.protect(packet.rawSpan, info: try RTPPacketInfo(parsing: packet.rawSpan), now: .start)
        check(sender.deadline == .start + .milliseconds(100))
        sender.handleTimeout(now: .start + .milliseconds(99))
        check(sender.poll() == nil)
        sender.handleTimeout(now: .start + .milliseconds(100))
        check(sender.poll() != nil)
        check(sender.deadline == nil)
    }

    @Test("Without protection nothing is kept or made")
    func off() throws {
        var stream = MediaStream(seed: 7)
        var sender = FlexFECSender(protected: Self.ssrc, configuration: .init(protectionFactor: 0))
        for _ in 0..<100 {
            let packet = stream.next()
            sender.protect(packet.rawSpan, info: try RTPPacketInfo(parsing: packet.rawSpan), now: .start)
        }
        check(sender.deadline == nil && sender.poll() == nil && sender.protectedCount == 0)
    }

    private struct Outcome {
        var lost = 0
        var recovered = 0
        var wrong = 0
        var sent = 0
        var repairs = 0
    }

    /// `isLost` sees media and repair packets alike, in the order of sending.
    private func run(
        seed: UInt64, factor: Int, count: Int, reordering: Double = 0, outage: Int? = nil,
        isLost: (inout DeterministicRandom) -> Bool
    ) throws -> Outcome {
        var stream = MediaStream(seed: seed)
        stream.largestPayload = 300
        var random = DeterministicRandom(seed: ~seed)
        var sender = FlexFECSender(
            protected: Self.ssrc, configuration: .init(protectionFactor: factor),
            mutableExtensions: MediaStream.extensions)
        var receiver = FlexFECReceiver(protected: Self.ssrc, mutableExtensions: MediaStream.extensions)
        var outcome = Outcome()
        var lost: [SequenceNumber: [UInt8]] = [:]
        var held: [UInt8]?
        for step in 0..<count {
            // An outage: so the numbers go over their wraps without all being sent.
            if let outage, step % 200 == 199 { stream.number += outage }
            let packet = stream.next(pictures: 4...20)
            let info = try RTPPacketInfo(parsing: packet.rawSpan)
            sender.protect(packet.rawSpan, info: info, now: .start + .milliseconds(Int64(step) * 2))
            outcome.sent += 1
            if isLost(&random) {
                outcome.lost += 1
                lost[info.sequenceNumber] = packet
                if lost.count > 400 { lost = lost.filter { $0.key.distance(to: info.sequenceNumber) < 300 } }
            } else if held == nil, Double.random(in: 0..<1, using: &random) < reordering {
                held = try stream.paced(packet)
            } else {
                try receiver.receive(stream.paced(packet))
                if let late = held.take() { try receiver.receive(late) }
            }
            while let payload = sender.poll() {
                outcome.repairs += 1
                if !isLost(&random) { receiver.receive(repair: payload.rawSpan) }
            }
            for packet in receiver.drain() {
                let info = try RTPPacketInfo(parsing: packet.rawSpan)
                // What is merely late may be recovered as well; what is lost must come back bit by bit.
                guard let original = lost.removeValue(forKey: info.sequenceNumber) else { continue }
                if original == packet { outcome.recovered += 1 } else { outcome.wrong += 1 }
            }
        }
        return outcome
    }

    // A packet comes back when neither the other four under its repair packet nor that itself are lost: 0.95 to the
    // power of 5 is 0.77.
    @Test(
        "At 5 % random loss and 10 % reordering a fifth of repair packets brings back three of four",
        arguments: 1...3 as ClosedRange<UInt64>)
    func randomLoss(seed: UInt64) throws {
        let outcome = try run(seed: seed, factor: 51, count: 6000, reordering: 0.1) { random in
            Double.random(in: 0..<1, using: &random) < 0.05
        }
        check(outcome.wrong == 0)
        check(outcome.lost > 200)
        check(Double(outcome.recovered) / Double(outcome.lost) > 0.7)
        check(Double(outcome.repairs) / Double(outcome.sent) < 0.22)
    }

    @Test("Over three wraps nothing comes back wrong")
    func threeWraps() throws {
        let outcome = try run(seed: 4, factor: 51, count: 15_000, reordering: 0.1, outage: 2700) {
            Double.random(in: 0..<1, using: &$0) < 0.05
        }
        check(outcome.wrong == 0)
        check(Double(outcome.recovered) / Double(outcome.lost) > 0.7)
    }

    @Test(
        "Bursts of up to three are repaired by four interleaved repair packets", arguments: 1...3 as ClosedRange<UInt64>
    )
    func burstLoss(seed: UInt64) throws {
        var burst = 0
        var calm = 40
        let outcome = try run(seed: seed, factor: 128, count: 6000) { random in
            if burst > 0 {
                burst -= 1
                return true
            }
            calm -= 1
            guard calm <= 0 else { return false }
            calm = Int.random(in: 30...60, using: &random)
            burst = Int.random(in: 0...2, using: &random)
            return true
        }
        check(outcome.wrong == 0)
        check(outcome.lost > 150)
        check(Double(outcome.recovered) / Double(outcome.lost) > 0.9)
    }

    @Test("A stream that numbers anew is protected anew")
    func restart() throws {
        var receiver = FlexFECReceiver(protected: Self.ssrc)
        var stream = MediaStream(seed: 8, number: 40_000)
        for _ in 0..<300 { try receiver.receive(stream.next()) }
        stream = MediaStream(seed: 9, number: 100)
        let packets = (0..<3).map { _ in stream.next() }
        try receiver.receive(packets[0])
        try receiver.receive(packets[2])
        receiver.receive(repair: repair(packets, base: 100, offsets: [0, 1, 2]).rawSpan)
        check(receiver.drain() == [packets[1]])
    }
}
