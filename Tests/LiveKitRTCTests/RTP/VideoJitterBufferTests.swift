import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

/// A VP8 stream of numbered frames, cut into packets.
struct VP8Source {
    var sequence = 65_000
    var frame = 0
    var timestampStep = 3000
    private var packetizer = VP8Packetizer(maximumPayloadSize: 200, pictureID: 32_000)

    mutating func next(isKeyFrame: Bool) -> [[UInt8]] {
        let tag: [UInt8] = isKeyFrame ? [0, 0, 0, 0x9D, 0x01, 0x2A, 64, 0, 64, 0] : [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let marker = [UInt8(truncatingIfNeeded: frame >> 8), UInt8(truncatingIfNeeded: frame)]
        let data = tag + marker + [UInt8](repeating: 5, count: isKeyFrame ? 900 : 300)
        var packets: [[UInt8]] = []
        packetizer.packetize(frameSize: data.count) { piece in
            let header = RTPHeader(
                payloadType: 96, marker: piece.isLast,
                sequenceNumber: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: sequence)),
                timestamp: UInt32(truncatingIfNeeded: frame * timestampStep), ssrc: SSRC(rawValue: 1))
            packets.append(RTPPacket(header: header, payload: piece.descriptor.encoded() + data[piece.range]).encoded())
            sequence += 1
        }
        frame += 1
        return packets
    }

    /// A probe: padding alone.
    mutating func padding() -> [UInt8] {
        var header = RTPHeader(
            payloadType: 96, sequenceNumber: SequenceNumber(rawValue: UInt16(truncatingIfNeeded: sequence)),
            timestamp: UInt32(truncatingIfNeeded: frame * 3000), ssrc: SSRC(rawValue: 1))
        header.paddingSize = 100
        sequence += 1
        return RTPPacket(header: header, payload: []).encoded()
    }

    static func number(of frame: AssembledVideoFrame) -> Int { Int(frame.data[10]) << 8 | Int(frame.data[11]) }
}

@Suite("Video jitter buffer")
struct VideoJitterBufferTests {
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    private func insert(_ packets: [[UInt8]], into buffer: inout VideoJitterBuffer, at milliseconds: Int64) throws
        -> [Int]
    {
        for packet in packets {
            let info = try RTPPacketInfo(parsing: packet.rawSpan)
            let payload = packet.rawSpan.clamped(offset: info.payloadOffset, size: info.payloadSize)
            buffer.insert(payload: payload, info: info, now: at(milliseconds))
        }
        return drain(&buffer, at: milliseconds)
    }

    private func drain(_ buffer: inout VideoJitterBuffer, at milliseconds: Int64) -> [Int] {
        var numbers: [Int] = []
        while let frame = buffer.pollFrame(now: at(milliseconds)) { numbers.append(VP8Source.number(of: frame)) }
        return numbers
    }

    @Test("Interframes before the first key frame are held back, and a key frame is asked for at a measured pace")
    func startsWithAKeyFrame() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        check(!buffer.pollKeyFrameRequest(now: at(0)))
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 0).isEmpty)
        check(buffer.pollKeyFrameRequest(now: at(0)))
        _ = try insert(source.next(isKeyFrame: false), into: &buffer, at: 30)
        check(!buffer.pollKeyFrameRequest(now: at(499)))
        check(buffer.deadline == at(500))
        check(buffer.pollKeyFrameRequest(now: at(500)))
        check(!buffer.pollKeyFrameRequest(now: at(5000)))
        check(try insert(source.next(isKeyFrame: true), into: &buffer, at: 600) == [2])
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 630) == [3])
        check(!buffer.pollKeyFrameRequest(now: at(5000)))
    }

    @Test("A missing packet holds frames back until it comes")
    func repair() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        check(try insert(source.next(isKeyFrame: true), into: &buffer, at: 0) == [0])
        let broken = source.next(isKeyFrame: false)
        check(try insert([broken[0]], into: &buffer, at: 30).isEmpty)
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 60).isEmpty)
        check(try insert([broken[1]], into: &buffer, at: 100) == [1, 2])
        check(buffer.lossCount == 0)
        check(buffer.deadline == nil)
    }

    @Test("A gap past its wait ends decoding until the next key frame")
    func unrepaired() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        _ = try insert(source.next(isKeyFrame: true), into: &buffer, at: 0)
        _ = source.next(isKeyFrame: false)
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 30).isEmpty)
        check(buffer.deadline == at(430))
        check(drain(&buffer, at: 429).isEmpty)
        check(buffer.lossCount == 0)
        check(drain(&buffer, at: 430).isEmpty)
        check(buffer.lossCount == 1)
        check(buffer.pollKeyFrameRequest(now: at(430)))
        check(try insert(source.next(isKeyFrame: true), into: &buffer, at: 450) == [3])
    }

    @Test("Padding between frames, received or lost, is no gap")
    func padding() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        _ = try insert(source.next(isKeyFrame: true), into: &buffer, at: 0)
        let received = source.padding()
        check(try insert([received] + source.next(isKeyFrame: false), into: &buffer, at: 30) == [1])
        _ = source.padding()
        _ = source.padding()
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 60) == [2])
        check(buffer.lossCount == 0)
    }

    @Test("Duplicates and late packets are dropped")
    func duplicates() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        let key = source.next(isKeyFrame: true)
        check(try insert(key + key, into: &buffer, at: 0) == [0])
        check(try insert(key, into: &buffer, at: 10).isEmpty)
        check(buffer.droppedPacketCount == UInt64(key.count * 2))
    }

    @Test("A stream that jumps elsewhere begins anew with its next key frame")
    func restart() throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        _ = try insert(source.next(isKeyFrame: true), into: &buffer, at: 0)
        source.sequence += 20_000
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: 30).isEmpty)
        check(buffer.pollKeyFrameRequest(now: at(30)))
        check(try insert(source.next(isKeyFrame: true), into: &buffer, at: 60) == [2])
    }

    @Test(
        "Packets that come up to thirty places late cost no frame and no key frame",
        arguments: 1...20 as ClosedRange<UInt64>)
    func reordering(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        var numbers = try insert(source.next(isKeyFrame: true), into: &buffer, at: 0)
        let packets = (1...200).flatMap { _ in source.next(isKeyFrame: false) }
        let places = packets.indices.map { (place: $0 + Int.random(in: 0...30, using: &random), index: $0) }
        let order = places.sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.index)
        for (step, index) in order.enumerated() {
            let milliseconds = Int64(step * 3)
            numbers += try insert([packets[index]], into: &buffer, at: milliseconds)
            let isAsked = buffer.pollKeyFrameRequest(now: at(milliseconds))
            #expect(!isAsked)
        }
        #expect(numbers == Array(0...200))
        #expect(buffer.lossCount == 0)
        #expect(buffer.droppedPacketCount == 0)
    }

    @Test("Whatever the network does, frames come in order and decode", arguments: 1...10 as ClosedRange<UInt64>)
    func lossyPath(seed: UInt64) throws {
        var link = SimulatedLink<[UInt8]>(
            seed: seed,
            conditions: .init(loss: 0.01, duplication: 0.05, delay: .milliseconds(10) ... .milliseconds(60)))
        var source = VP8Source()
        // Nobody repairs here.
        var configuration = VideoJitterBuffer.Configuration()
        configuration.minimumWait = .milliseconds(150)
        var buffer = VideoJitterBuffer(configuration: configuration)
        var wantsKeyFrame = true
        var keyFrames: Set<Int> = []
        var out: [Int] = []
        for _ in 0..<600 {
            if wantsKeyFrame { keyFrames.insert(source.frame) }
            for packet in source.next(isKeyFrame: wantsKeyFrame) { link.send(packet, to: .right) }
            wantsKeyFrame = false
            let end = link.now + .milliseconds(33)
            while link.now < end {
                link.advance(to: nil, end: end)
                let now = (link.now - .start).milliseconds
                let arrived = link.arrivals().map(\.payload)
                out += try insert(arrived, into: &buffer, at: now)
                if buffer.pollKeyFrameRequest(now: link.now) { wantsKeyFrame = true }
            }
        }
        check(out.count > 250)
        for (before, after) in zip(out, out.dropFirst()) {
            check(after == before + 1 || (after > before && keyFrames.contains(after)))
        }
    }

    @Test("A pause of any length is no gap", arguments: [1000, 300_000] as [Int64])
    func pause(milliseconds: Int64) throws {
        var source = VP8Source()
        var buffer = VideoJitterBuffer()
        check(try insert(source.next(isKeyFrame: true), into: &buffer, at: 0) == [0])
        check(buffer.deadline == nil)
        check(try insert(source.next(isKeyFrame: false), into: &buffer, at: milliseconds) == [1])
        check(buffer.lossCount == 0)
    }

    @Test("Three wraps of numbers and timestamps with outages, reordering and repaired losses")
    func threeWraps() throws {
        var source = VP8Source()
        var random = DeterministicRandom(seed: 5)
        var buffer = VideoJitterBuffer()
        // A wrap of timestamps in 4000 frames.
        source.timestampStep = 1_073_741
        var shown: [Int] = []
        var now: Int64 = 0
        let end = source.sequence + 3 * 65_536
        while source.sequence < end {
            for index in 0..<40 {
                var packets = source.next(isKeyFrame: index == 0)
                for place in packets.indices where Double.random(in: 0..<1, using: &random) < 0.1 {
                    packets.swapAt(place, Int.random(in: packets.indices, using: &random))
                }
                // One in twenty is lost at first and comes 60 ms later, as a retransmission does.
                let isRepaired = packets.map { _ in Double.random(in: 0..<1, using: &random) < 0.05 }
                let first = zip(packets, isRepaired).filter { !$1 }.map(\.0)
                let later = zip(packets, isRepaired).filter { $1 }.map(\.0)
                shown += try insert(first, into: &buffer, at: now)
                shown += try insert(later, into: &buffer, at: now + 60)
                now += 100
            }
            source.sequence += 2000
            now += 5000
        }
        check(shown == Array(0..<source.frame).map { $0 & 0xFFFF })
        check(buffer.frameCount == UInt64(source.frame))
    }
}
