import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Data tracks: packets and who gets them")
struct DataTrackTests {
    private let alice = ParticipantSID(rawValue: "PA_a")
    private let bob = ParticipantSID(rawValue: "PA_b")
    private let carol = ParticipantSID(rawValue: "PA_c")
    private let track = TrackSID(rawValue: "DTR_1")

    /// Version 1, first and last packet of frame 0x0405, with one extension: id 255, 3 bytes, padded.
    static let packet: [UInt8] = [
        0x3C, 0, 0x01, 0x02, 0x00, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x00, 0x01, 255, 3, 80, 65, 95, 0, 0xAA,
        0xBB,
    ]

    private static func packet(handle: UInt16, frame: UInt16) -> [UInt8] {
        [
            0x18, 0, UInt8(handle >> 8), UInt8(handle & 0xFF), 0, 0, UInt8(frame >> 8), UInt8(frame & 0xFF), 0, 0, 0, 0,
            1,
        ]
    }

    @Test("A header is read, extensions included")
    func readsAHeader() throws {
        let header = try DataTrackHeader(parsing: Self.packet.rawSpan)
        #expect(header.version == 1 && header.startsFrame && header.endsFrame)
        #expect(header.handle == 0x0102 && header.sequenceNumber == 3 && header.frameNumber == 0x0405)
        #expect(header.timestamp == 0x0607_0809 && header.size == 20)
        #expect(try DataTrackHeader(parsing: Self.packet(handle: 1, frame: 2).rawSpan).size == 12)
    }

    @Test("Every truncation of a header is refused")
    func refusesTruncations() {
        for length in 0..<20 {
            let cut = Array(Self.packet.prefix(length))
            #expect(throws: WireError.self) { try DataTrackHeader(parsing: cut.rawSpan) }
        }
    }

    @Test("Each subscriber gets its publisher's packets under a handle of its own, otherwise unchanged")
    func rewritesHandles() {
        var table = DataTrackTable()
        table.open(track, publisher: alice, handle: 0x0102)
        table.subscribe(bob, to: track, handle: 0xABCD, framesPerSecond: nil)
        table.subscribe(carol, to: track, handle: 5, framesPerSecond: nil)
        var sent: [ParticipantSID: [[UInt8]]] = [:]
        func forward(_ packet: [UInt8], from sid: ParticipantSID) {
            table.forward(packet, from: sid, now: .start) { sent[$0, default: []].append($1) }
        }
        forward(Self.packet, from: alice)
        var expected = Self.packet
        expected.replaceSubrange(2..<4, with: [0xAB, 0xCD])
        #expect(sent[bob] == [expected])
        expected.replaceSubrange(2..<4, with: [0, 5])
        #expect(sent[carol] == [expected])

        forward(Self.packet, from: bob)
        forward(Self.packet(handle: 9, frame: 1), from: alice)
        forward(Array(Self.packet.prefix(19)), from: alice)
        #expect(table.refused == 3 && sent[bob]?.count == 1)
        table.unsubscribe(bob, from: track)
        forward(Self.packet, from: alice)
        #expect(sent[bob]?.count == 1 && sent[carol]?.count == 2)
        table.remove(carol)
        table.remove(alice)
        forward(Self.packet, from: alice)
        #expect(sent[carol]?.count == 2 && table.refused == 4)
    }

    @Test("A rate passes whole frames, at its pace", arguments: [1, 5, 30] as [UInt32])
    func thinsFrames(_ rate: UInt32) throws {
        var thinner = FrameThinner(framesPerSecond: rate)
        var passed: [UInt16: Int] = [:]
        // Two packets for each of 60 frames a second, for ten seconds.
        for frame in 0..<600 as Range<UInt16> {
            let now = MediaInstant.start + .milliseconds(Int64(frame) * 1000 / 60)
            for _ in 0..<2 {
                let header = try DataTrackHeader(parsing: Self.packet(handle: 1, frame: frame).rawSpan)
                if thinner.passes(header, now: now) { passed[frame, default: 0] += 1 }
            }
        }
        #expect(passed.values.allSatisfy { $0 == 2 })
        #expect(abs(passed.count - Int(rate) * 10) <= 1)
    }

    @Test("No rate passes everything")
    func passesEverything() throws {
        var thinner = FrameThinner(framesPerSecond: nil)
        for frame in 0..<100 as Range<UInt16> {
            let header = try DataTrackHeader(parsing: Self.packet(handle: 1, frame: frame).rawSpan)
            let isPassed = thinner.passes(header, now: .start)
            #expect(isPassed)
        }
    }
}
