import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("FrameSplitter, RFC 4571")
struct FrameSplitterTests {
    private func framed(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }

    private func split(_ splitter: inout FrameSplitter, _ bytes: [UInt8]) throws -> [[UInt8]] {
        var bytes = bytes
        var frames: [[UInt8]] = []
        try unsafe bytes.withUnsafeMutableBytes { buffer throws in
            try unsafe splitter.split(buffer) { frames.append(unsafe Array($0)) }
        }
        return frames
    }

    @Test("Whatever pieces the stream comes in, the frames come out", arguments: 1...50 as ClosedRange<UInt64>)
    func survivesAnyCut(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let frames = (0..<30).map { _ -> [UInt8] in
            let size = [1, 2, 20, 1200, FrameSplitter.largestFrame].randomElement(using: &random) ?? 1
            return (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var stream = framed(frames)[...]
        var splitter = FrameSplitter()
        var received: [[UInt8]] = []
        while !stream.isEmpty {
            let size = min(Int.random(in: 1...(seed % 2 == 0 ? 7 : 3000), using: &random), stream.count)
            received += try split(&splitter, Array(stream.prefix(size)))
            stream = stream.dropFirst(size)
            #expect(splitter.pendingCount <= FrameSplitter.headerSize + FrameSplitter.largestFrame)
        }
        #expect(received == frames)
        #expect(splitter.pendingCount == 0)
    }

    @Test("A frame is held back until its last byte is there")
    func waitsForTheWhole() throws {
        let frame: [UInt8] = Array(0..<40)
        let stream = framed([frame])
        for length in 0..<stream.count {
            var splitter = FrameSplitter()
            #expect(try split(&splitter, Array(stream.prefix(length))).isEmpty)
            #expect(splitter.pendingCount == length)
            #expect(try split(&splitter, Array(stream.dropFirst(length))) == [frame])
        }
    }

    @Test("Empty frames are read over")
    func skipsEmptyFrames() throws {
        var splitter = FrameSplitter()
        #expect(try split(&splitter, [0, 0, 0, 0, 0, 1, 7, 0]) == [[7]])
        #expect(try split(&splitter, [0, 0, 1, 8]) == [[8]])
    }

    @Test("A frame longer than allowed is refused as soon as its length is known")
    func refusesLongFrames() throws {
        let length = FrameSplitter.largestFrame + 1
        var splitter = FrameSplitter()
        #expect(throws: FrameSplitter.FrameTooLong.self) {
            try split(&splitter, [UInt8(length >> 8), UInt8(length & 255)])
        }
        var slow = FrameSplitter()
        #expect(try split(&slow, [0xFF]).isEmpty)
        #expect(throws: FrameSplitter.FrameTooLong.self) { try split(&slow, [0xFF]) }
    }
}
