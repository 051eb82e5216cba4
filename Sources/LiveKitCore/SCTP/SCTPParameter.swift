/// Any parameter of INIT, INIT ACK and RE-CONFIG, by type.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |             type              | length (4 + value, unpadded)  |
/// |                   value, padded to 4 bytes                    |
/// ```
///
/// - SeeAlso: [RFC 9260 §3.2.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.2.1).
package enum SCTPParameter: Hashable, Sendable {
    case stateCookie(StateCookieParameter)
    case unrecognized(UnrecognizedParameter)
    case outgoingResetRequest(OutgoingResetRequestParameter)
    case incomingResetRequest(IncomingResetRequestParameter)
    case reconfigurationResponse(ReconfigurationResponseParameter)
    case zeroChecksumAcceptable(ZeroChecksumAcceptableParameter)
    case supportedExtensions(SupportedExtensionsParameter)
    case forwardTSNSupported(ForwardTSNSupportedParameter)
    case unknown(UnknownParameter)

    static let headerSize = 4
}

extension SCTPParameter {
    /// Decodes parameters until the chunk ends. The padding of the last one may be missing.
    static func list(parsing reader: inout ByteReader) throws(WireError) -> [SCTPParameter] {
        var parameters: [SCTPParameter] = []
        while reader.remaining >= headerSize {
            let type: UInt16 = try reader.read()
            let value = try readValue(from: &reader)
            parameters.append(try SCTPParameter(type: type, value: value))
        }
        return parameters
    }

    /// Reads length, value and padding, after the type.
    static func readValue(from reader: inout ByteReader) throws(WireError) -> [UInt8] {
        let length = Int(try reader.read(UInt16.self))
        guard length >= headerSize else { throw .invalid(.length) }
        let value = try reader.readBytes(length - headerSize)
        try reader.skip(min((4 - length % 4) % 4, reader.remaining))
        return value
    }

    private init(type: UInt16, value: [UInt8]) throws(WireError) {
        var reader = ByteReader(value.rawSpan)
        switch type {
        case StateCookieParameter.type: self = .stateCookie(.init(cookie: value))
        case UnrecognizedParameter.type: self = .unrecognized(.init(parameter: value))
        case OutgoingResetRequestParameter.type: self = .outgoingResetRequest(try .init(parsing: &reader))
        case IncomingResetRequestParameter.type: self = .incomingResetRequest(try .init(parsing: &reader))
        case ReconfigurationResponseParameter.type: self = .reconfigurationResponse(try .init(parsing: &reader))
        case ZeroChecksumAcceptableParameter.type: self = .zeroChecksumAcceptable(try .init(parsing: &reader))
        case SupportedExtensionsParameter.type: self = .supportedExtensions(.init(chunkTypes: value))
        case ForwardTSNSupportedParameter.type: self = .forwardTSNSupported(.init())
        default: self = .unknown(UnknownParameter(type: type, value: value))
        }
    }

    static func write(_ parameters: [SCTPParameter], to writer: inout ByteWriter) {
        for parameter in parameters { parameter.write(to: &writer) }
    }

    private func write(to writer: inout ByteWriter) {
        Self.write(type: type, to: &writer) { writeValue(to: &$0) }
    }

    private var type: UInt16 {
        switch self {
        case .stateCookie: StateCookieParameter.type
        case .unrecognized: UnrecognizedParameter.type
        case .outgoingResetRequest: OutgoingResetRequestParameter.type
        case .incomingResetRequest: IncomingResetRequestParameter.type
        case .reconfigurationResponse: ReconfigurationResponseParameter.type
        case .zeroChecksumAcceptable: ZeroChecksumAcceptableParameter.type
        case .supportedExtensions: SupportedExtensionsParameter.type
        case .forwardTSNSupported: ForwardTSNSupportedParameter.type
        case .unknown(let parameter): parameter.type
        }
    }

    private func writeValue(to writer: inout ByteWriter) {
        switch self {
        case .stateCookie(let parameter): writer.write(bytes: parameter.cookie)
        case .unrecognized(let parameter): writer.write(bytes: parameter.parameter)
        case .outgoingResetRequest(let parameter): parameter.write(to: &writer)
        case .incomingResetRequest(let parameter): parameter.write(to: &writer)
        case .reconfigurationResponse(let parameter): parameter.write(to: &writer)
        case .zeroChecksumAcceptable(let parameter): parameter.write(to: &writer)
        case .supportedExtensions(let parameter): writer.write(bytes: parameter.chunkTypes)
        case .forwardTSNSupported: break
        case .unknown(let parameter): writer.write(bytes: parameter.value)
        }
    }

    /// Writes header, value and padding; the length is filled in from what the value wrote.
    static func write(type: UInt16, to writer: inout ByteWriter, value: (inout ByteWriter) -> Void) {
        let start = writer.count
        writer.write(type)
        writer.write(UInt16(0))
        value(&writer)
        writer.overwrite(UInt16(truncatingIfNeeded: writer.count - start), at: start + 2)
        writer.pad(to: 4)
    }
}
