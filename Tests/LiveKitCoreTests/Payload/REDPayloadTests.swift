import LiveKitCore
import Testing

@Suite("Redundant audio, RFC 2198")
struct REDPayloadTests {
    private static let payload = REDPayload(
        redundant: [
            .init(payloadType: 111, timestampOffset: 1920, payload: [1, 2, 3]),
            .init(payloadType: 111, timestampOffset: 960, payload: []),
        ], primaryType: 111, primary: [9, 8])
    private static let bytes: [UInt8] = [0xEF, 0x1E, 0x00, 0x03, 0xEF, 0x0F, 0x00, 0x00, 0x6F, 1, 2, 3, 9, 8]

    @Test func readsAndWritesTheVector() throws {
        #expect(try REDPayload(parsing: Self.bytes.rawSpan) == Self.payload)
        #expect(Self.payload.encoded() == Self.bytes)
    }

    @Test("Truncation within headers and redundant blocks throws", arguments: 0..<12)
    func truncation(length: Int) {
        #expect(throws: WireError.self) { try REDPayload(parsing: Array(Self.bytes.prefix(length)).rawSpan) }
    }

    @Test func thePrimaryPayloadIsFoundInPlace() throws {
        let layout = try REDLayout(parsing: Self.bytes.rawSpan)
        #expect((layout.primaryType, layout.primaryOffset, layout.primarySize) == (111, 12, 2))
    }

    @Test("Headers without end are refused")
    func endlessHeaders() {
        let bytes = [UInt8](repeating: 0x80, count: 1200)
        #expect(throws: WireError.invalid(.count)) { try REDPayload(parsing: bytes.rawSpan) }
    }

    @Test("Blocks that their fields cannot hold are left out")
    func oversizeBlocks() throws {
        var payload = Self.payload
        payload.redundant[0].payload = Array(repeating: 0, count: 1024)
        payload.redundant[1].timestampOffset = 0x4000
        #expect(try REDPayload(parsing: payload.encoded().rawSpan).redundant.isEmpty)
    }

    @Test("Random bytes never trap", arguments: 0..<200 as Range<UInt64>)
    func arbitraryBytes(seed: UInt64) throws {
        var random = DeterministicRandom(seed: seed)
        let bytes = (0..<Int.random(in: 0...1200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        guard let payload = try? REDPayload(parsing: bytes.rawSpan) else { return }
        #expect(try REDPayload(parsing: payload.encoded().rawSpan) == payload)
    }
}
