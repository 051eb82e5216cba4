import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitServerKit

/// A stream of temporal layers on simulated time, measured.
private struct MeasuredStream {
    var rates = TemporalRates()
    private(set) var now = MediaInstant.start
    private var count = 0
    private var random: DeterministicRandom

    init(seed: UInt64) { random = DeterministicRandom(seed: seed) }

    /// Layer zero's pictures have two packets of a thousand bytes, the others' one.
    mutating func run(_ seconds: Int, framesPerSecond: Int64, pattern: [UInt8]) {
        let end = now + .seconds(Int64(seconds))
        while now < end {
            let layer = pattern[count % pattern.count]
            // A tenth of a picture's time early or late.
            let jitter = Int64.random(in: 0..<200_000_000 / framesPerSecond, using: &random)
            for piece in 0..<(layer == 0 ? 2 : 1) {
                var descriptor = VP8PayloadDescriptor(isPartitionStart: piece == 0)
                descriptor.temporalID = layer
                rates.note(descriptor, payloadSize: 1000, now: now + MediaDuration(nanoseconds: jitter))
            }
            count += 1
            now = now + MediaDuration(nanoseconds: 1_000_000_000 / framesPerSecond)
        }
    }
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
        for (layer, expected) in [7.5, 15, 30, 30].enumerated() { #expect(abs(rates[layer] - expected) < 0.3) }
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

    @Test("A stream of one layer, or of none, is never limited")
    func oneLayer() {
        var stream = MeasuredStream(seed: 4)
        stream.run(6, framesPerSecond: 30, pattern: [0])
        #expect(stream.rates.layer(for: 5) == 0 && stream.rates.share(for: 5) == 1)
        var rates = TemporalRates()
        for step in 0..<300 as Range<Int64> {
            rates.note(
                VP8PayloadDescriptor(isPartitionStart: true, pictureID: 1), payloadSize: 100,
                now: .start + .milliseconds(step * 33))
        }
        #expect(rates.framesPerSecond == nil)
    }
}
