import LiveKitCore
import Testing

@Suite("Transport-wide congestion feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01")
struct TransportFeedbackTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test("A run of one small delta")
    func singleRun() throws {
        let feedback = try TransportFeedback(
            parsing: Self.bytes("afcd0005fa17fa1743032fa0009900013de8021720019401").rawSpan)
        #expect(feedback.base.rawValue == 153)
        #expect(feedback.statusCount == 1)
        #expect(feedback.referenceTime == 4_057_090)
        #expect(feedback.feedbackCount == 23)
        #expect(feedback.arrivals == [.init(offset: 0, delta: 148)])
    }

    @Test("Vectors of two bits; the reserved symbol is no arrival")
    func twoBitVectors() throws {
        let feedback = try TransportFeedback(
            parsing: Self.bytes("8fcd0006fa17fa17193dd8bb0174000e45b15a40d800f0ffd0000003").rawSpan)
        #expect(feedback.base.rawValue == 372)
        #expect(feedback.statusCount == 14)
        #expect(feedback.referenceTime == 4_567_386)
        #expect(feedback.feedbackCount == 64)
        #expect(feedback.arrivals == [.init(offset: 0, delta: 208), .init(offset: 1, delta: 0)])
    }

    @Test("Deltas cannot reach into the padding")
    func deltasInPadding() {
        let bytes = Self.bytes("afcd0006fa17fa17193dd8bb0174000e45b15a40d800f0ffd0000003")
        #expect(throws: WireError.self) { try TransportFeedback(parsing: bytes.rawSpan) }
    }

    @Test("A run of two is written to the same bytes")
    func writesARun() throws {
        let bytes = Self.bytes("8fcd0005fa17fa17193dd8bb000500020000010020020406")
        let feedback = try TransportFeedback(parsing: bytes.rawSpan)
        #expect(feedback.arrivals == [.init(offset: 0, delta: 4), .init(offset: 1, delta: 6)])
        #expect(RTCPPacket.transportFeedback(feedback).encoded() == bytes)
    }

    @Test("A run that claims more arrivals than there are deltas is refused")
    func runWithoutDeltas() {
        let bytes = Self.bytes("8fcd0005fa17fa17193dd8bb0005ffff000001003fff0406")
        #expect(throws: WireError.invalid(.count)) { try TransportFeedback(parsing: bytes.rawSpan) }
    }

    @Test("Sixty-five thousand lost packets cost no memory")
    func longLoss() throws {
        let lost = TransportFeedback(
            sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2), base: SequenceNumber(rawValue: 3),
            statusCount: .max, referenceTime: -1, feedbackCount: 0, arrivals: [.init(offset: 65_534, delta: -1)])
        let bytes = RTCPPacket.transportFeedback(lost).encoded()
        #expect(bytes.count <= 44)
        #expect(try TransportFeedback(parsing: bytes.rawSpan) == lost)
    }

    @Test("Random arrivals survive a round trip", arguments: 0..<300 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let count = UInt16.random(in: 1...400, using: &random)
        let loss = [0.0, 0.02, 0.3, 0.9][Int(seed % 4)]
        let large = [0.0, 0.02, 0.5][Int(seed / 4 % 3)]
        var arrivals: [TransportFeedback.Arrival] = []
        for offset in 0..<count where Double.random(in: 0..<1, using: &random) >= loss {
            let isLarge = Double.random(in: 0..<1, using: &random) < large
            let delta = isLarge ? Int16.random(in: .min ... .max, using: &random) : .random(in: 0...255, using: &random)
            arrivals.append(.init(offset: offset, delta: delta))
        }
        let feedback = TransportFeedback(
            sender: SSRC(rawValue: 1), media: SSRC(rawValue: 2),
            base: SequenceNumber(rawValue: .random(in: .min ... .max, using: &random)), statusCount: count,
            referenceTime: .random(in: -0x80_0000...0x7F_FFFF, using: &random), feedbackCount: 7, arrivals: arrivals)
        let bytes = RTCPPacket.transportFeedback(feedback).encoded()
        #expect(bytes.count % 4 == 0)
        #expect(try TransportFeedback(parsing: bytes.rawSpan) == feedback)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: WireError.self) { try TransportFeedback(parsing: Array(bytes.prefix(length)).rawSpan) }
        }
    }

    @Test("Random bytes never trap", arguments: 0..<300 as Range<UInt64>)
    func arbitraryBytes(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let noise = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
        guard let feedback = try? TransportFeedback(parsing: ([0x8F, 0xCD, 0, 10] + noise).rawSpan) else { return }
        #expect(try TransportFeedback(parsing: RTCPPacket.transportFeedback(feedback).encoded().rawSpan) == feedback)
    }
}
