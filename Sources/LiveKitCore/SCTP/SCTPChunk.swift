/// Any chunk, by type.
///
/// - SeeAlso: [RFC 9260 §3.2](https://www.rfc-editor.org/rfc/rfc9260#section-3.2).
package enum SCTPChunk: Hashable, Sendable {
    case data(DataChunk)
    case initiation(InitChunk)
    case initiationAck(InitAckChunk)
    case selectiveAck(SelectiveAckChunk)
    case heartbeat(HeartbeatChunk)
    case heartbeatAck(HeartbeatAckChunk)
    case abort(AbortChunk)
    case shutdown(ShutdownChunk)
    case shutdownAck(ShutdownAckChunk)
    case error(ErrorChunk)
    case cookieEcho(CookieEchoChunk)
    case cookieAck(CookieAckChunk)
    case shutdownComplete(ShutdownCompleteChunk)
    case reconfiguration(ReconfigurationChunk)
    case forwardTSN(ForwardTSNChunk)
    case interleavedData(InterleavedDataChunk)
    case interleavedForwardTSN(InterleavedForwardTSNChunk)
    case unknown(UnknownChunk)

    package static let headerSize = 4
}

extension SCTPChunk {
    /// Decodes the next chunk and its padding. The padding of a packet's last chunk may be missing.
    package init(parsing reader: inout ByteReader) throws(WireError) {
        let type: UInt8 = try reader.read()
        let flags: UInt8 = try reader.read()
        let length = Int(try reader.read(UInt16.self))
        guard length >= Self.headerSize else { throw .invalid(.length) }
        var body = try reader.split(length - Self.headerSize)
        try reader.skip(min((4 - length % 4) % 4, reader.remaining))
        try self.init(type: type, flags: flags, body: &body)
    }

    private init(type: UInt8, flags: UInt8, body: inout ByteReader) throws(WireError) {
        switch type {
        case DataChunk.type: self = .data(try .init(flags: flags, body: &body))
        case InitChunk.type: self = .initiation(try .init(flags: flags, body: &body))
        case InitAckChunk.type: self = .initiationAck(try .init(flags: flags, body: &body))
        case SelectiveAckChunk.type: self = .selectiveAck(try .init(flags: flags, body: &body))
        case HeartbeatChunk.type: self = .heartbeat(try .init(flags: flags, body: &body))
        case HeartbeatAckChunk.type: self = .heartbeatAck(try .init(flags: flags, body: &body))
        case AbortChunk.type: self = .abort(try .init(flags: flags, body: &body))
        case ShutdownChunk.type: self = .shutdown(try .init(flags: flags, body: &body))
        case ShutdownAckChunk.type: self = .shutdownAck(try .init(flags: flags, body: &body))
        case ErrorChunk.type: self = .error(try .init(flags: flags, body: &body))
        case CookieEchoChunk.type: self = .cookieEcho(try .init(flags: flags, body: &body))
        case CookieAckChunk.type: self = .cookieAck(try .init(flags: flags, body: &body))
        case ShutdownCompleteChunk.type: self = .shutdownComplete(try .init(flags: flags, body: &body))
        case ReconfigurationChunk.type: self = .reconfiguration(try .init(flags: flags, body: &body))
        case ForwardTSNChunk.type: self = .forwardTSN(try .init(flags: flags, body: &body))
        case InterleavedDataChunk.type: self = .interleavedData(try .init(flags: flags, body: &body))
        case InterleavedForwardTSNChunk.type:
            self = .interleavedForwardTSN(try .init(flags: flags, body: &body))
        default: self = .unknown(UnknownChunk(type: type, flags: flags, value: body.readRemaining()))
        }
    }

    package func write(to writer: inout ByteWriter) {
        switch self {
        case .data(let chunk): chunk.write(to: &writer)
        case .initiation(let chunk): chunk.write(to: &writer)
        case .initiationAck(let chunk): chunk.write(to: &writer)
        case .selectiveAck(let chunk): chunk.write(to: &writer)
        case .heartbeat(let chunk): chunk.write(to: &writer)
        case .heartbeatAck(let chunk): chunk.write(to: &writer)
        case .abort(let chunk): chunk.write(to: &writer)
        case .shutdown(let chunk): chunk.write(to: &writer)
        case .shutdownAck(let chunk): chunk.write(to: &writer)
        case .error(let chunk): chunk.write(to: &writer)
        case .cookieEcho(let chunk): chunk.write(to: &writer)
        case .cookieAck(let chunk): chunk.write(to: &writer)
        case .shutdownComplete(let chunk): chunk.write(to: &writer)
        case .reconfiguration(let chunk): chunk.write(to: &writer)
        case .forwardTSN(let chunk): chunk.write(to: &writer)
        case .interleavedData(let chunk): chunk.write(to: &writer)
        case .interleavedForwardTSN(let chunk): chunk.write(to: &writer)
        case .unknown(let chunk): chunk.write(to: &writer)
        }
    }

    /// The chunk's size in bytes, padding included.
    package var encodedSize: Int {
        if case .data(let chunk) = self { return chunk.encodedSize }
        if case .interleavedData(let chunk) = self { return chunk.encodedSize }
        var writer = ByteWriter()
        write(to: &writer)
        return writer.count
    }

    /// Writes header, body and padding; the length is filled in from what the body wrote.
    static func write(type: UInt8, flags: UInt8, to writer: inout ByteWriter, body: (inout ByteWriter) -> Void) {
        let start = writer.count
        writer.write(type)
        writer.write(flags)
        writer.write(UInt16(0))
        body(&writer)
        writer.overwrite(UInt16(truncatingIfNeeded: writer.count - start), at: start + 2)
        writer.pad(to: 4)
    }
}
