import LiveKitCore
import Testing

@testable import LiveKitServerKit

/// An encoder of temporal layers that marks pictures to go up at as it likes, and a decoder that knows what each of
/// them depends on.
private struct TemporalModel {
    struct Picture {
        var descriptor: VP8PayloadDescriptor
        var isKeyframe: Bool
        /// The pictures that it is made of, as the encoder counts.
        var references: Set<Int>
    }

    private(set) var pictures: [Picture] = []
    private let isLong: Bool
    /// The newest picture of each layer that others may refer to.
    private var newest: [Int?] = [nil, nil, nil, nil]

    init(isLong: Bool = true) { self.isLong = isLong }

    /// The first is a key frame. A picture without a mark depends on the newest of every layer up to its own.
    mutating func encode(layer: UInt8, isSync: Bool = false, isNonReference: Bool = false) -> Picture {
        let index = pictures.count
        let isKeyframe = index == 0
        let number = UInt16(truncatingIfNeeded: 120 + index) & (isLong ? 0x7FFF : 0x7F)
        var descriptor = VP8PayloadDescriptor(isPartitionStart: true, pictureID: number)
        descriptor.isPictureIDLong = isLong
        descriptor.temporalID = layer
        descriptor.isLayerSync = isSync
        descriptor.isNonReference = isNonReference
        let known = layer == 0 || isSync ? newest[0...0] : newest[0...Int(layer)]
        let picture = Picture(
            descriptor: descriptor, isKeyframe: isKeyframe, references: isKeyframe ? [] : Set(known.compactMap(\.self)))
        if !isNonReference { newest[Int(layer)] = index }
        // What stands on the base of another key frame is gone with it.
        if isKeyframe { newest = [index, nil, nil, nil] }
        pictures.append(picture)
        return picture
    }
}

@Suite("Temporal layers towards one subscriber, RFC 7741 §4.2")
struct TemporalFilterTests {
    /// Of three layers, as browsers send them.
    private static let pattern: [(layer: UInt8, isSync: Bool)] = [(0, false), (2, true), (1, true), (2, false)]

    @Test(
        "Whatever the limit, which comes and goes, what passes is whole, can be decoded, and is numbered without a gap",
        arguments: 1...40 as ClosedRange<UInt64>)
    func passesWhatDecodes(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        var (model, filter, rewriter) = (TemporalModel(isLong: seed.isMultiple(of: 2)), TemporalFilter(), VP8Rewriter())
        var (passed, sent): (Set<Int>, [VP8PayloadDescriptor]) = ([], [])
        var (number, limit): (Int64, UInt8) = (0, 3)
        for index in 0..<400 {
            let layer = index == 0 ? 0 : UInt8.random(in: 0...3, using: &random)
            let picture = model.encode(
                layer: layer, isSync: layer > 0 && Int.random(in: 0..<4, using: &random) == 0,
                isNonReference: layer > 0 && Bool.random(using: &random))
            var decisions: Set<Bool> = []
            for piece in 0..<Int.random(in: 1...3, using: &random) {
                // The wish changes at any packet.
                if Int.random(in: 0..<30, using: &random) == 0 { limit = UInt8.random(in: 0...3, using: &random) }
                let isAllowed = layer <= limit
                number += 1
                var descriptor = picture.descriptor
                descriptor.isPartitionStart = piece == 0
                let passes = filter.passes(
                    descriptor, number: number, startsKeyframe: picture.isKeyframe && piece == 0, limit: limit,
                    now: .start)
                if piece == 0, !isAllowed { #expect(!passes, "above the limit") }
                decisions.insert(passes)
                if index == 0, piece == 0 { rewriter.switchSource(to: descriptor) }
                guard passes else { continue }
                let out = rewriter.map(descriptor, leftOut: filter.leftOutCount(before: descriptor))
                if piece == 0 { sent.append(out) }
            }
            #expect(decisions.count == 1, "whole pictures only")
            if decisions == [true] { passed.insert(index) }
            if layer == 0 { #expect(decisions == [true]) }
            if decisions == [true] { #expect(picture.references.isSubset(of: passed), "picture \(index)") }
        }
        #expect(passed.count < 400)
        let circle: UInt16 = seed.isMultiple(of: 2) ? 0x7FFF : 0x7F
        let steps = zip(sent, sent.dropFirst()).map { (($1.pictureID ?? 0) &- ($0.pictureID ?? 0)) & circle }
        #expect(steps.allSatisfy { $0 == 1 })
    }

    @Test("Without a limit everything passes, marked or not")
    func unlimited() {
        var (model, filter) = (TemporalModel(), TemporalFilter())
        for index in 0..<100 {
            let picture = model.encode(layer: index == 0 ? 0 : Self.pattern[index % 4].layer)
            let passes = filter.passes(
                picture.descriptor, number: Int64(index), startsKeyframe: index == 0, limit: TemporalFilter.noLimit,
                now: .start)
            #expect(passes)
            #expect(filter.leftOutCount(before: picture.descriptor) == 0)
        }
    }

    @Test("A layer comes back at a picture that depends on layer zero alone, and not before")
    func goesUp() {
        var (model, filter) = (TemporalModel(), TemporalFilter())
        func passes(_ picture: TemporalModel.Picture, limit: UInt8) -> Bool {
            filter.passes(
                picture.descriptor, number: Int64(model.pictures.count), startsKeyframe: picture.isKeyframe,
                limit: limit, now: .start)
        }
        #expect(passes(model.encode(layer: 0), limit: 0))
        #expect(!passes(model.encode(layer: 1), limit: 0))
        #expect(passes(model.encode(layer: 0), limit: 2))
        #expect(!passes(model.encode(layer: 1), limit: 2))
        #expect(passes(model.encode(layer: 2, isSync: true), limit: 2))
        #expect(!passes(model.encode(layer: 2), limit: 2), "it may depend on a layer between")
        #expect(passes(model.encode(layer: 1, isSync: true), limit: 2))
        #expect(passes(model.encode(layer: 1), limit: 2))
        #expect(passes(model.encode(layer: 2, isSync: true), limit: 2))
        #expect(passes(model.encode(layer: 2), limit: 2))
    }

    @Test("An encoder that marks nothing to go up at is asked for a key frame after two seconds, and another one not")
    func asksForKeyframe() {
        for hasMarks in [false, true] {
            var (model, filter) = (TemporalModel(), TemporalFilter())
            var now = MediaInstant.start
            func run(_ count: Int, limit: UInt8) {
                for _ in 0..<count {
                    let index = model.pictures.count
                    let (layer, isSync) = Self.pattern[index % 4]
                    let picture = model.encode(layer: layer, isSync: isSync && hasMarks)
                    _ = filter.passes(
                        picture.descriptor, number: Int64(index), startsKeyframe: index == 0, limit: limit, now: now)
                    now = now + .milliseconds(33)
                }
            }
            run(90, limit: 0)
            #expect(!filter.needsKeyframe(now: now))
            run(45, limit: 2)
            #expect(!filter.needsKeyframe(now: now))
            run(45, limit: 2)
            #expect(filter.needsKeyframe(now: now) != hasMarks)
            run(4, limit: 0)
            #expect(!filter.needsKeyframe(now: now))
        }
    }

    @Test("A packet that comes late shares the fate of its picture; of one that was never seen it passes")
    func late() {
        var (model, filter, rewriter) = (TemporalModel(), TemporalFilter(), VP8Rewriter())
        let layers: [UInt8] = [0, 2, 0, 2, 0, 2, 0]
        let pictures = layers.map { model.encode(layer: $0) }
        rewriter.switchSource(to: pictures[0].descriptor)
        func send(_ index: Int, number: Int64) -> UInt16? {
            let descriptor = pictures[index].descriptor
            let passes = filter.passes(
                descriptor, number: number, startsKeyframe: index == 0, limit: 0, now: .start)
            return passes ? rewriter.map(descriptor, leftOut: filter.leftOutCount(before: descriptor)).pictureID : nil
        }
        // Each picture has two packets; the second ones of 1 and 2 and all of 3 are late.
        #expect(send(0, number: 0) == 120)
        #expect(send(1, number: 2) == nil)
        #expect(send(2, number: 4) == 121)
        #expect(send(4, number: 8) == 123, "what is missing may be decided otherwise")
        #expect(send(5, number: 10) == nil)
        #expect(send(6, number: 12) == 124)
        #expect(send(1, number: 3) == nil)
        #expect(send(2, number: 5) == 121)
        #expect(send(3, number: 6) == 122)
        #expect(send(5, number: 11) == nil)
    }

    @Test("Streams that do not number their pictures, or have no layers, pass whole")
    func unnumbered() {
        var filter = TemporalFilter()
        var descriptor = VP8PayloadDescriptor(isPartitionStart: true)
        descriptor.temporalID = 2
        let plain = VP8PayloadDescriptor(isPartitionStart: true, pictureID: 3)
        for (number, descriptor) in [descriptor, plain].enumerated() {
            let passes = filter.passes(
                descriptor, number: Int64(number), startsKeyframe: false, limit: 0, now: .start)
            #expect(passes)
        }
    }
}
