/// Texts about sources; WebRTC needs the canonical name alone.
///
/// - SeeAlso: [RFC 3550 §6.5](https://www.rfc-editor.org/rfc/rfc3550#section-6.5).
public struct SourceDescription: Hashable, Sendable {
    /// One text about one source.
    public struct Item: Hashable, Sendable {
        /// The kind: 1 is the canonical name.
        public var type: UInt8
        /// The text; at most 255 bytes of UTF-8 are written.
        public var text: String

        /// The canonical name's type (CNAME).
        public static let canonicalName: UInt8 = 1

        /// Creates an item.
        public init(type: UInt8, text: String) {
            self.type = type
            self.text = text
        }
    }

    /// The texts about one source.
    public struct Chunk: Hashable, Sendable {
        /// The source.
        public var source: SSRC
        /// The texts.
        public var items: [Item]

        /// Creates a chunk.
        public init(source: SSRC, items: [Item]) {
            self.source = source
            self.items = items
        }
    }

    /// One chunk for each source; at most 31 are written.
    public var chunks: [Chunk]

    /// Creates a description.
    public init(chunks: [Chunk]) {
        self.chunks = chunks
    }

    /// A description that gives one source its canonical name.
    public init(source: SSRC, canonicalName: String) {
        chunks = [Chunk(source: source, items: [Item(type: Item.canonicalName, text: canonicalName)])]
    }
}

extension SourceDescription {
    /// Reads one RTCP packet, its header included.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let header = try RTCPHeader(parsing: &reader, type: RTCPPacketType.sourceDescription)
        var body = try reader.split(header.bodySize)
        chunks = []
        for _ in 0..<header.count {
            let source = SSRC(rawValue: try body.read())
            chunks.append(Chunk(source: source, items: try Self.parseItems(from: &body)))
        }
    }

    /// A zero octet ends the items, and more of them fill the last word.
    private static func parseItems(from body: inout ByteReader) throws(WireError) -> [Item] {
        var items: [Item] = []
        while true {
            let type: UInt8 = try body.read()
            guard type != 0 else { break }
            let size = Int(try body.read(UInt8.self))
            items.append(Item(type: type, text: try body.readString(size)))
        }
        try body.skip((4 - body.offset % 4) % 4)
        return items
    }

    package func write(to writer: inout ByteWriter) {
        let written = chunks.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(type: RTCPPacketType.sourceDescription, count: written.count) { writer in
            for chunk in written { Self.write(chunk, to: &writer) }
        }
    }

    private static func write(_ chunk: Chunk, to writer: inout ByteWriter) {
        let start = writer.count
        writer.write(chunk.source.rawValue)
        for item in chunk.items where item.type != 0 {
            let text = item.text.utf8.prefix(255)
            writer.write(item.type)
            writer.write(UInt8(truncatingIfNeeded: text.count))
            writer.write(bytes: text)
        }
        writer.write(zeros: 4 - (writer.count - start) % 4)
    }
}
