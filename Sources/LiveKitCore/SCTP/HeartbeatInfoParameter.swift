/// The opaque note in a HEARTBEAT that its answer carries back. Stands in these two chunks only.
///
/// - SeeAlso: [RFC 9260 §3.3.5](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.5).
struct HeartbeatInfoParameter: Hashable, Sendable {
    static let type: UInt16 = 1

    var info: [UInt8]

    init(info: [UInt8]) {
        self.info = info
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        guard try reader.read(UInt16.self) == Self.type else { throw .invalid(.type) }
        let length = Int(try reader.read(UInt16.self))
        guard length >= SCTPParameter.headerSize else { throw .invalid(.length) }
        info = try reader.readBytes(length - SCTPParameter.headerSize)
    }

    func write(to writer: inout ByteWriter) {
        SCTPParameter.write(type: Self.type, to: &writer) { $0.write(bytes: info) }
    }
}
