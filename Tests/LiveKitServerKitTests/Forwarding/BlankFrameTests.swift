import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Frames that a subscriber is sent where its track falls silent or ends")
struct BlankFrameTests {
    private static func frame(_ picture: UInt16) -> VP8PayloadDescriptor {
        var descriptor = VP8PayloadDescriptor(isPartitionStart: true, pictureID: picture)
        descriptor.temporalLayerZeroIndex = UInt8(truncatingIfNeeded: picture)
        descriptor.temporalID = 2
        descriptor.keyIndex = 31
        return descriptor
    }

    @Test("Their timestamps are whole frames behind the last one, and what follows is placed behind them")
    func timestamps() {
        var rewriter = TimestampRewriter(clockRate: 48_000)
        #expect(rewriter.insert(duration: .milliseconds(20), now: .start) == nil)
        rewriter.switchSource(to: 5000, now: .start)
        _ = rewriter.map(5000, now: .start)
        let late = MediaInstant.start + .milliseconds(23)
        #expect(rewriter.insert(duration: .milliseconds(20), now: late) == 5960)
        // At once, as at the end of a track.
        #expect(rewriter.insert(duration: .milliseconds(20), now: late) == 6920)
        let unmuted = late + .milliseconds(1000)
        rewriter.switchSource(to: 77, now: unmuted)
        #expect(rewriter.map(77, now: unmuted) == 6920 + 48_000)
    }

    @Test("Their numbers follow the last one, and what was to come under those numbers comes no more")
    func numbers() {
        var rewriter = SequenceRewriter(first: 100)
        rewriter.switchSource(to: 1, first: 7)
        #expect(rewriter.map(7, source: 1) == 100)
        #expect(rewriter.insert() == 101)
        #expect(rewriter.insert() == 102)
        #expect(rewriter.map(8, source: 1) == nil)
        rewriter.switchSource(to: 1, first: 20)
        #expect(rewriter.map(20, source: 1) == 103)
    }

    @Test("Pictures are key frames of the descriptor's own form, and are counted with the others")
    func descriptors() throws {
        var rewriter = VP8Rewriter()
        #expect(rewriter.insert() == nil)
        rewriter.switchSource(to: Self.frame(0x7FFF))
        _ = rewriter.map(Self.frame(0x7FFF))
        let inserted = rewriter.insert()
        let blank = try #require(inserted)
        #expect(blank.pictureID == 0 && blank.temporalLayerZeroIndex == 0 && blank.keyIndex == 0)
        #expect(blank.temporalID == 0 && blank.isPartitionStart && blank.partitionIndex == 0)
        #expect(blank.encodedSize == Self.frame(0).encodedSize)
        let payload = blank.encoded() + BlankFrame.picture.payload
        let isKeyFrame = VP8PayloadDescriptor.isKeyFrame(payload: payload.rawSpan)
        #expect(isKeyFrame)
        rewriter.switchSource(to: Self.frame(900))
        #expect(rewriter.map(Self.frame(900)).pictureID == 1)
    }

    @Test("What stands behind a frame is found by its length and its mark alone")
    func trailers() {
        func size(_ payload: [UInt8]) -> Int {
            unsafe payload.withUnsafeBytes { unsafe PacketTrailer.size(in: $0) }
        }
        let mark = Array("LKTS".utf8)
        #expect(size([1, 2, 3, 0xFE, 0xFD, ~7] + mark) == 7)
        #expect(size([~5] + mark) == 5)
        #expect(size([1, 2, ~4] + mark) == 0, "shorter than itself")
        #expect(size([1, 2, ~9] + mark) == 0, "longer than the payload")
        #expect(size(mark) == 0 && size([]) == 0)
        #expect(size([1, 2, 3, ~7] + Array("LKTT".utf8)) == 0)
    }
}
