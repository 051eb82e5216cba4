import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

extension REDPayload {
    fileprivate init(parsing bytes: [UInt8]) throws(WireError) { try self.init(parsing: bytes.rawSpan) }
}

@Suite("Redundant audio, RFC 2198: both machines")
struct REDMachineTests {
    private static let opus: UInt8 = 111

    private func number(_ value: Int) -> SequenceNumber { SequenceNumber(rawValue: UInt16(truncatingIfNeeded: value)) }

    private func payload(_ value: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: 2 + value % 6)
    }

    private func encode(
        _ value: Int, payload: [UInt8]? = nil, timestamp: UInt32? = nil, room: Int = 1500, by sender: inout REDSender
    ) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: room)
        let primary = payload ?? self.payload(value)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let size = sender.encode(
            primary.rawSpan, payloadType: Self.opus, sequenceNumber: number(value),
            timestamp: timestamp ?? UInt32(truncatingIfNeeded: value &* 960), into: &raw)
        return size.map { Array(bytes.prefix($0)) }
    }

    private func encoded(
        _ value: Int, payload: [UInt8]? = nil, timestamp: UInt32? = nil, by sender: inout REDSender
    ) throws -> [UInt8] {
        let bytes = encode(value, payload: payload, timestamp: timestamp, by: &sender)
        return try #require(bytes)
    }

    private func info(_ value: Int, timestamp: UInt32? = nil) throws -> RTPPacketInfo {
        let header = RTPHeader(
            payloadType: 63, sequenceNumber: number(value),
            timestamp: timestamp ?? UInt32(truncatingIfNeeded: value &* 960), ssrc: SSRC(rawValue: 1))
        return try RTPPacketInfo(parsing: header.encoded().rawSpan)
    }

    private func receive(
        _ bytes: [UInt8], _ value: Int, timestamp: UInt32? = nil, by receiver: inout REDReceiver
    ) throws -> [(number: Int, timestamp: UInt32, payload: [UInt8], isRecovered: Bool)] {
        try receiver.receive(bytes.rawSpan, info: info(value, timestamp: timestamp), primaryType: Self.opus).map {
            (
                Int($0.sequenceNumber.rawValue), $0.timestamp, Array(bytes[$0.offset..<$0.offset + $0.size]),
                $0.isRecovered
            )
        }
    }

    @Test("Payloads carry the one or two before", arguments: 0...2)
    func redundancy(distance: Int) throws {
        var sender = REDSender(distance: distance)
        for value in 65_530..<65_550 {
            let bytes = try encoded(value, by: &sender)
            let read = try REDPayload(parsing: bytes)
            let count = min(distance, value - 65_530)
            #expect(read.primary == payload(value))
            #expect(read.primaryType == Self.opus)
            #expect(read.redundant.map(\.payload) == (0..<count).reversed().map { payload(value - 1 - $0) })
            #expect(read.redundant.map(\.timestampOffset) == (0..<count).reversed().map { UInt16($0 + 1) * 960 })
        }
    }

    @Test("What the fields cannot hold stays out: 1023 bytes and 14 bits of timestamp are the most")
    func bounds() throws {
        for (size, offset, isIn) in [(1023, 960, true), (1024, 960, false), (10, 16_383, true), (10, 16_384, false)] {
            var sender = REDSender(distance: 1, maximumSize: 1500)
            _ = encode(1, payload: [UInt8](repeating: 1, count: size), timestamp: 0, by: &sender)
            let bytes = try encoded(2, timestamp: UInt32(offset), by: &sender)
            #expect(try REDPayload(parsing: bytes).redundant.isEmpty == !isIn)
        }
    }

    @Test("Earlier payloads that do not fit stay out, oldest first; a primary that does not is for the caller")
    func room() throws {
        var sender = REDSender(distance: 2, maximumSize: 200)
        let block = [UInt8](repeating: 7, count: 80)
        for value in 1...2 { _ = encode(value, payload: block, by: &sender) }
        let bytes = try encoded(3, payload: block, by: &sender)
        #expect(bytes.count <= 200)
        #expect(try REDPayload(parsing: bytes).redundant.count == 1)
        check(encode(4, payload: [UInt8](repeating: 7, count: 200), by: &sender) == nil)
        check(encode(5, payload: [], room: 0, by: &sender) == nil)
    }

    @Test("Behind a gap nothing is repeated: the format could not tell whose it is")
    func gaps() throws {
        var sender = REDSender(distance: 2)
        for value in [1, 2] { _ = encode(value, by: &sender) }
        check(try REDPayload(parsing: encoded(4, by: &sender)).redundant.isEmpty)
        // The late one repeats what was before it, and serves those behind.
        check(try REDPayload(parsing: encoded(3, by: &sender)).redundant.count == 2)
        let next = try REDPayload(parsing: encoded(5, by: &sender))
        #expect(next.redundant.map(\.payload) == [payload(3), payload(4)])
    }

    @Test("A lost packet comes out of the next, and its late original is told as a duplicate")
    func recovery() throws {
        var sender = REDSender(distance: 1)
        var receiver = REDReceiver()
        let sent = (0..<6).map { encode(65_533 + $0, by: &sender) ?? [] }
        var got = try receive(sent[0], 65_533, by: &receiver)
        #expect(got.map(\.number) == [65_533])
        got = try receive(sent[2], 65_535, by: &receiver)
        #expect(got.map(\.number) == [65_534, 65_535])
        #expect(got.map(\.isRecovered) == [true, false])
        #expect(got.map(\.payload) == [payload(65_534), payload(65_535)])
        #expect(got.map(\.timestamp) == [65_534 * 960, 65_535 * 960])
        check(try receive(sent[1], 65_534, by: &receiver).isEmpty)
        check(try receive(sent[2], 65_535, by: &receiver).isEmpty)
        got = try receive(sent[5], 65_538, by: &receiver)
        #expect(got.map(\.number) == [1, 2])
        #expect(receiver.recoveredCount == 2)
        #expect(receiver.duplicateCount == 2)
    }

    @Test("The first packet's earlier payloads are from before we listened")
    func firstPacket() throws {
        var sender = REDSender(distance: 2)
        for value in [5, 6] { _ = encode(value, by: &sender) }
        var receiver = REDReceiver()
        let bytes = try encoded(7, by: &sender)
        check(try receive(bytes, 7, by: &receiver).map(\.number) == [7])
    }

    @Test("Plain packets between redundant ones are told once, too")
    func mixed() throws {
        var sender = REDSender(distance: 1)
        var receiver = REDReceiver()
        let sent = (0..<4).map { encode($0, by: &sender) ?? [] }
        check(try receive(sent[0], 0, by: &receiver).count == 1)
        check(try receiver.receivePlain(info(1)))
        check(try receive(sent[2], 2, by: &receiver).map(\.number) == [2])
        check(try !receiver.receivePlain(info(1)))
    }

    @Test("A block whose place is taken by a count gone wrong is refused by its timestamp")
    func wrongCount() throws {
        // The sender lost 2 itself and repeats 1 in 3, where a receiver would count it as 2.
        var receiver = REDReceiver()
        let first = REDPayload(redundant: [], primaryType: 111, primary: [1]).encoded()
        _ = try receive(first, 1, by: &receiver)
        let skipping = REDPayload(
            redundant: [.init(payloadType: 111, timestampOffset: 1920, payload: [1])], primaryType: 111, primary: [3]
        ).encoded()
        check(try receive(skipping, 3, by: &receiver).map(\.number) == [3])
    }

    @Test("Other codecs' blocks are passed over, other codecs' packets throw")
    func otherCodecs() throws {
        var receiver = REDReceiver()
        let plain = try info(4)
        _ = try receive(REDPayload(redundant: [], primaryType: 111, primary: [1]).encoded(), 1, by: &receiver)
        let foreign = REDPayload(
            redundant: [.init(payloadType: 13, timestampOffset: 960, payload: [1])], primaryType: 111, primary: [3]
        ).encoded()
        check(try receive(foreign, 3, by: &receiver).map(\.number) == [3])
        let other = REDPayload(redundant: [], primaryType: 0, primary: [3]).encoded()
        var failure: WireError?
        do throws(WireError) {
            _ = try receiver.receive(other.rawSpan, info: plain, primaryType: 111)
        } catch {
            failure = error
        }
        check(failure == .invalid(.type))
    }

    @Test(
        "Over three wraps at 5 % loss and 10 % reordering each packet is told once, in its own bytes",
        arguments: [1, 2])
    func threeWraps(distance: Int) throws {
        var sender = REDSender(distance: distance)
        var receiver = REDReceiver()
        var random = DeterministicRandom(seed: UInt64(distance))
        var sent: [(place: Int, value: Int, bytes: [UInt8])] = []
        let total = 3 * 65_536
        var told: Set<Int> = []
        var count = 0
        var lost = 0
        // A hundred packets, then an outage of 1900, so that the wraps cost little time.
        for value in 60_000..<60_000 + total where value % 2000 < 100 {
            count += 1
            let bytes = try encoded(value, by: &sender)
            if Double.random(in: 0..<1, using: &random) < 0.05 {
                lost += 1
            } else {
                let isLate = Double.random(in: 0..<1, using: &random) < 0.1
                sent.append((value + (isLate ? Int.random(in: 1...20, using: &random) : 0), value, bytes))
            }
        }
        sent.sort { ($0.place, $0.value) < ($1.place, $1.value) }
        for packet in sent {
            for plain in try receive(packet.bytes, packet.value, by: &receiver) {
                let original = packet.value - number(plain.number).distance(to: number(packet.value))
                guard told.insert(original).inserted, plain.payload == payload(original),
                    plain.timestamp == UInt32(truncatingIfNeeded: original &* 960)
                else {
                    Issue.record("\(original) came wrong")
                    return
                }
            }
        }
        // Lost for good is what was lost with all that repeat it, and what nothing follows before an outage.
        let gone = Double(count - told.count) / Double(count)
        #expect(lost > count / 25)
        #expect(gone < (distance == 1 ? 0.006 : 0.003))
    }

    @Test("Random bytes never trap")
    func noise() throws {
        var random = DeterministicRandom(seed: 3)
        var receiver = REDReceiver()
        for value in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            _ = try? receive(bytes, value &* 37, by: &receiver)
        }
    }
}
