import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

/// A stream of temporal layers by its timestamps, measured.
private struct MeasuredStream {
    var rates = TemporalRates()
    private var timestamp: UInt32
    private var count = 0

    /// Timestamps begin anywhere (RFC 3550 §5.1), and wrap.
    init(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        timestamp = seed == 1 ? .max - 90_000 : .random(in: 0...(.max), using: &random)
    }

    /// Layer zero's pictures have two packets of a thousand bytes, the others' one.
    mutating func run(_ seconds: Int, framesPerSecond: Int, pattern: [UInt8]) {
        for _ in 0..<seconds * framesPerSecond {
            let layer = pattern[count % pattern.count]
            for piece in 0..<(layer == 0 ? 2 : 1) {
                var descriptor = VP8PayloadDescriptor(isPartitionStart: piece == 0)
                descriptor.temporalID = layer
                rates.note(descriptor, timestamp: timestamp, payloadSize: 1000)
            }
            count += 1
            timestamp &+= UInt32(90_000 / framesPerSecond)
        }
    }

    /// The publisher's clock begins anew.
    mutating func jump(by ticks: UInt32) { timestamp &+= ticks }
}

@Suite("What temporal layers deliver")
struct TemporalRatesTests {
    private static let three: [UInt8] = [0, 2, 1, 2]

    @Test(
        "The lowest layer that delivers nine tenths of a wish is enough for it", arguments: 1...5 as ClosedRange<UInt64>
    )
    func layers(seed: UInt64) throws {
        var stream = MeasuredStream(seed: seed)
        stream.run(6, framesPerSecond: 30, pattern: Self.three)
        let rates = try #require(stream.rates.framesPerSecond)
        for (layer, expected) in [7.5, 15, 30, 30].enumerated() { #expect(abs(rates[layer] - expected) < 0.01) }
        let chosen = [1, 7, 8, 10, 16, 18, 30, 33, 36, 100].map { stream.rates.layer(for: $0) }
        #expect(chosen == [0, 0, 0, 1, 1, 2, 2, 2, nil, nil])
    }

    @Test("No wish is no limit, and before anything is measured nothing is left out")
    func unknown() {
        var stream = MeasuredStream(seed: 1)
        stream.run(1, framesPerSecond: 30, pattern: Self.three)
        #expect(stream.rates.layer(for: 5) == nil && stream.rates.share(for: 5) == 1)
        stream.run(3, framesPerSecond: 30, pattern: Self.three)
        #expect(stream.rates.layer(for: 5) == 0)
        #expect(stream.rates.layer(for: 0) == nil && stream.rates.share(for: 0) == 1)
    }

    @Test("What the layers take of the stream is known too")
    func shares() {
        var stream = MeasuredStream(seed: 2)
        stream.run(6, framesPerSecond: 30, pattern: Self.three)
        // Of five packets in four pictures.
        #expect(abs(stream.rates.share(for: 7) - 0.4) < 0.01)
        #expect(abs(stream.rates.share(for: 15) - 0.6) < 0.01)
        #expect(stream.rates.share(for: 30) == 1)
    }

    @Test("A publisher that slows down needs a higher layer for the same wish")
    func slowsDown() {
        var stream = MeasuredStream(seed: 3)
        stream.run(6, framesPerSecond: 30, pattern: Self.three)
        #expect(stream.rates.layer(for: 12) == 1)
        stream.run(6, framesPerSecond: 15, pattern: Self.three)
        #expect(stream.rates.layer(for: 12) == 2)
        #expect(stream.rates.layer(for: 30) == nil)
    }

    @Test(
        "Timestamps that jump, either way, are no time that passed", arguments: [0x4000_0000, 0xC000_0000] as [UInt32])
    func jumps(by ticks: UInt32) {
        var stream = MeasuredStream(seed: 5)
        stream.run(5, framesPerSecond: 30, pattern: Self.three)
        let before = stream.rates.framesPerSecond
        stream.jump(by: ticks)
        stream.run(1, framesPerSecond: 30, pattern: Self.three)
        #expect(stream.rates.framesPerSecond == before)
        stream.run(4, framesPerSecond: 30, pattern: Self.three)
        #expect(stream.rates.framesPerSecond == before)
    }

    @Test("A stream of one layer, or of none, is never limited")
    func oneLayer() {
        var stream = MeasuredStream(seed: 4)
        stream.run(6, framesPerSecond: 30, pattern: [0])
        #expect(stream.rates.layer(for: 5) == 0 && stream.rates.share(for: 5) == 1)
        var rates = TemporalRates()
        for step in 0..<300 as Range<UInt32> {
            rates.note(
                VP8PayloadDescriptor(isPartitionStart: true, pictureID: 1), timestamp: step * 3000, payloadSize: 100)
        }
        #expect(rates.framesPerSecond == nil)
    }
}
