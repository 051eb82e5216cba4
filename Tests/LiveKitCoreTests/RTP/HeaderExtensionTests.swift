import LiveKitCore
import Testing

@Suite("RTP header extension values")
struct HeaderExtensionTests {
    private func parse<Value>(_ bytes: [UInt8], _ read: (RawSpan) throws -> Value) throws -> Value {
        try read(bytes.rawSpan)
    }

    @Test("Audio level, RFC 6464") func audioLevel() throws {
        let level = try parse([0xA3]) { try AudioLevel(parsing: $0) }
        #expect(level == AudioLevel(voiceActivity: true, level: 35))
        #expect(level.encoded() == [0xA3])
        #expect(throws: WireError.self) { try parse([]) { try AudioLevel(parsing: $0) } }
    }

    @Test("Absolute send time wraps each 64 s") func absoluteSendTime() throws {
        let time = AbsoluteSendTime(.start + .milliseconds(64_500))
        #expect(time.rawValue == 1 << 17)
        #expect(time.encoded() == [0x02, 0x00, 0x00])
        #expect(try parse(time.encoded()) { try AbsoluteSendTime(parsing: $0) } == time)
        #expect(AbsoluteSendTime(NTPTimestamp(rawValue: 0x0000_0001_8000_0000)).rawValue == 3 << 17)
        #expect(throws: WireError.self) {
            try parse([1, 2]) { try AbsoluteSendTime(parsing: $0) }
        }
    }

    @Test("Transport-wide sequence number") func transportSequenceNumber() throws {
        let number = try parse([0x12, 0x34]) { try TransportSequenceNumber(parsing: $0) }
        #expect(number.rawValue.rawValue == 0x1234)
        #expect(number.encoded() == [0x12, 0x34])
        #expect(throws: WireError.self) {
            try parse([1]) { try TransportSequenceNumber(parsing: $0) }
        }
    }

    @Test("Identifiers are texts without blanks and controls, RFC 7941") func streamIdentification() throws {
        let value = try parse([0x68]) { try StreamIdentification(parsing: $0) }
        #expect(value.text == "h")
        #expect(value.encoded() == [0x68])
        #expect(throws: WireError.invalid(.length)) {
            try parse([]) { try StreamIdentification(parsing: $0) }
        }
        #expect(throws: WireError.invalid(.identifier)) {
            try parse([0x61, 0x0A]) { try StreamIdentification(parsing: $0) }
        }
    }

    @Test("Playout delay") func playoutDelay() throws {
        let delay = try parse([0x00, 0xA0, 0x64]) { try PlayoutDelay(parsing: $0) }
        #expect(delay == PlayoutDelay(minimum: 10, maximum: 100))
        #expect(delay.encoded() == [0x00, 0xA0, 0x64])
    }

    @Test("Absolute capture time, with and without the offset") func absoluteCaptureTime() throws {
        let plain = AbsoluteCaptureTime(captureTime: NTPTimestamp(rawValue: 0x0102_0304_0506_0708))
        let full = AbsoluteCaptureTime(captureTime: plain.captureTime, clockOffset: -2)
        for value in [plain, full] {
            #expect(
                try parse(value.encoded()) { try AbsoluteCaptureTime(parsing: $0) } == value
            )
        }
        #expect(plain.encoded().count == 8)
        #expect(full.encoded().count == 16)
    }

    @Test("Video orientation", arguments: 0..<16 as Range<UInt8>) func videoOrientation(octet: UInt8) throws {
        #expect(
            try parse([octet]) { try VideoOrientation(parsing: $0).encoded() } == [octet])
    }

    @Test("NTP timestamps keep the wall clock to the nanosecond") func timestamps() {
        let nanoseconds: Int64 = 1_700_000_000_123_456_789
        #expect(abs(NTPTimestamp(unixNanoseconds: nanoseconds).unixNanoseconds - nanoseconds) <= 1)
        #expect(NTPTimestamp(unixNanoseconds: 500_000_000).rawValue == 0x83AA_7E80_8000_0000)
        #expect(NTPTimestamp(unixNanoseconds: -500_000_000).rawValue == 0x83AA_7E7F_8000_0000)
        #expect(NTPTimestamp(rawValue: 0x1122_3344_5566_7788).compact == 0x3344_5566)
    }
}
