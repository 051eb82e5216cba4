import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("TURN attributes, RFC 8656 §18")
struct TURNAttributeTests {
    private static let id = STUNTransactionID(high: 0x6302_1100, low: 0x0102_0304_0506_0708)
    private static let ipv4 = TransportAddress(ipv4: 0xC000_0201, port: 32_853)
    private static let ipv6 = TransportAddress(
        ipv6High: 0x2001_0DB8_1234_5678, low: 0x0011_2233_4455_6677, port: 32_853)

    private static let all: [STUNAttribute] = [
        .channelNumber(0x4ABC), .lifetime(3600), .xorPeerAddress(ipv4), .xorPeerAddress(ipv6), .data([]),
        .data([1, 2, 3, 4, 5]), .xorRelayedAddress(ipv4), .xorRelayedAddress(ipv6), .requestedAddressFamily(.ipv4),
        .requestedAddressFamily(.ipv6), .evenPort(reservesNext: true), .evenPort(reservesNext: false),
        .requestedTransport(17), .dontFragment, .reservationToken(0x0102_0304_0506_0708),
        .additionalAddressFamily(.ipv6), .addressErrorCode(.ipv6, STUNErrorCode(code: 440, reason: "no")),
        .icmp(type: 3, code: 4, data: 1280), .connectionID(77), .alternateServer(ipv4), .alternateServer(ipv6),
    ]

    @Test("Every attribute is read as it was written")
    func roundTrips() throws {
        for attribute in Self.all {
            let message = STUNMessage(
                class: .request, method: .allocate, transactionID: Self.id, attributes: [attribute])
            let parsed = try STUNMessage(parsing: message.encoded())
            #expect(parsed.attributes == [attribute])
            #expect(parsed.attributes.first?.typeCode == attribute.typeCode)
        }
        let message = STUNMessage(class: .success, method: .refresh, transactionID: Self.id, attributes: Self.all)
        #expect(try STUNMessage(parsing: message.encoded()).attributes == Self.all)
    }

    @Test("The bytes are those of the specification")
    func writesBytes() {
        let rows: [(STUNAttribute, [UInt8])] = [
            (.channelNumber(0x4001), [0x00, 0x0C, 0, 4, 0x40, 0x01, 0, 0]),
            (.lifetime(600), [0x00, 0x0D, 0, 4, 0, 0, 0x02, 0x58]),
            // The port and address of RFC 5769 §2.2, under another attribute.
            (.xorPeerAddress(Self.ipv4), [0x00, 0x12, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43]),
            (.data([0xAB]), [0x00, 0x13, 0, 1, 0xAB, 0, 0, 0]),
            (.requestedAddressFamily(.ipv6), [0x00, 0x17, 0, 4, 2, 0, 0, 0]),
            (.evenPort(reservesNext: true), [0x00, 0x18, 0, 1, 0x80, 0, 0, 0]),
            (.requestedTransport(17), [0x00, 0x19, 0, 4, 17, 0, 0, 0]),
            (.dontFragment, [0x00, 0x1A, 0, 0]),
            (.reservationToken(1), [0x00, 0x22, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1]),
            (.additionalAddressFamily(.ipv6), [0x80, 0x00, 0, 4, 2, 0, 0, 0]),
            (
                .addressErrorCode(.ipv6, STUNErrorCode(code: 440, reason: "")),
                [0x80, 0x01, 0, 4, 2, 0, 4, 40]
            ),
            (.icmp(type: 3, code: 1, data: 0), [0x80, 0x04, 0, 8, 0, 0, 3, 1, 0, 0, 0, 0]),
            (.alternateServer(Self.ipv4), [0x80, 0x23, 0, 8, 0, 1, 0x80, 0x55, 0xC0, 0, 2, 1]),
        ]
        for (attribute, expected) in rows {
            let message = STUNMessage(
                class: .request, method: .allocate, transactionID: Self.id, attributes: [attribute])
            #expect(Array(message.encoded(fingerprint: false).dropFirst(20)) == expected, "\(attribute)")
        }
    }

    @Test("Methods have their numbers")
    func writesMethods() {
        let rows: [(STUNMessage.Method, STUNMessage.Class, UInt16)] = [
            (.allocate, .request, 0x0003), (.allocate, .success, 0x0103), (.allocate, .error, 0x0113),
            (.refresh, .request, 0x0004), (.send, .indication, 0x0016), (.data, .indication, 0x0017),
            (.createPermission, .request, 0x0008), (.channelBind, .request, 0x0009), (.connect, .request, 0x000A),
        ]
        for (method, messageClass, expected) in rows {
            let bytes = STUNMessage(class: messageClass, method: method, transactionID: Self.id).encoded()
            #expect(UInt16(bytes[0]) << 8 | UInt16(bytes[1]) == expected)
        }
    }

    @Test("Values of a wrong length or family throw")
    func refusesWrongValues() {
        let rows: [(UInt16, [UInt8])] = [
            (0x000C, [0x40, 0x01]), (0x000D, [0, 0, 1]), (0x000D, [0, 0, 0, 0, 1]), (0x0012, []),
            (0x0012, [0, 1, 0, 0]), (0x0012, [0, 3, 0, 0, 1, 2, 3, 4]), (0x0012, [0, 2, 0, 0, 1, 2, 3, 4]),
            (0x0016, [0, 1, 0, 0, 1, 2, 3]), (0x0017, [3, 0, 0, 0]), (0x0017, [1]), (0x0018, []), (0x0018, [0, 0]),
            (0x0019, [17]), (0x001A, [1]), (0x0022, [1, 2, 3]), (0x8000, [0, 0, 0, 0]), (0x8001, [1, 0, 4]),
            (0x8001, [9, 0, 4, 40]), (0x8004, [0, 0, 3]), (0x8023, [0, 1]),
        ]
        for (type, value) in rows {
            let message = STUNMessage(
                class: .request, method: .allocate, transactionID: Self.id,
                attributes: [.other(type: type, value: value)])
            #expect(throws: WireError.self, "\(type) \(value)") { try STUNMessage(parsing: message.encoded()) }
        }
    }

    @Test("Every truncation throws, and every flipped bit of an authentic message is noticed")
    func refusesDamage() throws {
        let key = STUNKey(username: "u", realm: "r", password: "p")
        let bytes = STUNMessage(class: .request, method: .allocate, transactionID: Self.id, attributes: Self.all)
            .encoded(key: key, fingerprint: false)
        for count in 0..<bytes.count {
            let cut = Array(bytes.prefix(count))
            #expect(throws: WireError.self) { try STUNMessage(parsing: cut) }
        }
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let message = try? STUNMessage(parsing: flipped)
            #expect(message?.isAuthentic(key: key) != true, "bit \(bit)")
        }
    }
}

@Suite("ChannelData, RFC 8656 §12.4")
struct ChannelDataTests {
    @Test("A message is read as it was written, padded and not")
    func roundTrips() throws {
        for count in 0...9 {
            let message = ChannelData(number: 0x4123, payload: (0..<count).map { UInt8($0) })
            #expect(message.encoded().count == 4 + count)
            #expect(message.encoded(isPadded: true).count == (4 + count + 3) / 4 * 4)
            #expect(try ChannelData(parsing: message.encoded()) == message)
            #expect(try ChannelData(parsing: message.encoded(isPadded: true)) == message)
        }
        #expect(ChannelData(number: 0x4000, payload: [1, 2]).encoded(isPadded: true) == [0x40, 0, 0, 2, 1, 2, 0, 0])
        let longest = ChannelData(number: 0x4FFF, payload: Array(repeating: 7, count: 65_535))
        #expect(try ChannelData(parsing: longest.encoded(isPadded: true)) == longest)
    }

    @Test("Other numbers, truncations and tails throw")
    func refuses() {
        let rows: [[UInt8]] = [
            [], [0x40], [0x40, 0, 0], [0x40, 0, 0, 1], [0x3F, 0xFF, 0, 0], [0x50, 0, 0, 0], [0x7F, 0xFF, 0, 0],
            [0x40, 0, 0, 0, 1, 2, 3, 4], [0x40, 0, 0xFF, 0xFF, 1],
        ]
        for bytes in rows {
            #expect(throws: WireError.self, "\(bytes)") { try ChannelData(parsing: bytes) }
        }
    }

    @Test("The first byte tells ChannelData from everything else on the port")
    func demultiplexes() {
        for byte in 0...255 as ClosedRange<UInt8> {
            let bytes: [UInt8] = [byte, 0, 0, 0]
            let span = bytes.rawSpan
            let looks = ChannelData.looksLikeChannelData(span)
            #expect(looks == (0x40...0x4F).contains(byte))
        }
    }
}

@Suite("TURNStreamSplitter, RFC 8656 §12.5")
struct TURNStreamSplitterTests {
    private func frames(_ random: inout DeterministicRandom) -> [[UInt8]] {
        (0..<20).map { index in
            let payload = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if index % 3 == 0 {
                let id = STUNTransactionID(using: &random)
                return STUNMessage(class: .indication, method: .data, transactionID: id, attributes: [.data(payload)])
                    .encoded()
            }
            return ChannelData(number: 0x4000 + UInt16(index), payload: payload).encoded(isPadded: true)
        }
    }

    @Test("Whatever pieces a stream comes in, its frames come out whole")
    func splits() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = DeterministicRandom(seed: seed)
            let frames = frames(&random)
            var rest = frames.flatMap { $0 }[...]
            var splitter = TURNStreamSplitter()
            var found: [[UInt8]] = []
            while !rest.isEmpty {
                let count = min(Int.random(in: 1...200, using: &random), rest.count)
                splitter.append(rest.prefix(count))
                rest = rest.dropFirst(count)
                while let frame = try splitter.next() { found.append(frame) }
            }
            #expect(found == frames, "seed \(seed)")
            #expect(splitter.pendingBytes == 0)
        }
    }

    @Test("A stream that is not TURN throws at its first byte")
    func refusesOtherStreams() {
        for byte in 0x50...0xFF as ClosedRange<UInt8> {
            var splitter = TURNStreamSplitter()
            splitter.append([byte])
            #expect(throws: WireError.self) { try splitter.next() }
        }
        var splitter = TURNStreamSplitter()
        splitter.append([0, 1, 0, 3])
        #expect(throws: WireError.invalid(.length)) { try splitter.next() }
    }

    @Test("What waits is never more than one frame")
    func boundsMemory() throws {
        var splitter = TURNStreamSplitter()
        splitter.append([0x40, 0x00, 0xFF, 0xFF])
        for _ in 0..<65_536 {
            splitter.append([0])
            while try splitter.next() != nil {}
            #expect(splitter.pendingBytes < 65_540)
        }
    }
}
