internal import LiveKitProtobuf
internal import NIOCore
internal import SwiftProtobuf

/// The two forms of a signal message on the wire: protobuf in binary frames, protobuf's JSON in text frames.
enum SignalEncoding: Sendable {
    case binary
    case text
}

/// A message that is not a signal request.
struct SignalDecodingError: Error, Equatable {}

enum SignalCodec {
    static func decode(binary: ByteBuffer) throws(SignalDecodingError) -> Livekit_SignalRequest {
        do {
            return try Livekit_SignalRequest(serializedBytes: [UInt8](binary.readableBytesView))
        } catch {
            throw SignalDecodingError()
        }
    }

    static func decode(text: String) throws(SignalDecodingError) -> Livekit_SignalRequest {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        do {
            return try Livekit_SignalRequest(jsonString: text, options: options)
        } catch {
            throw SignalDecodingError()
        }
    }

    static func binary(_ response: Livekit_SignalResponse) -> ByteBuffer? {
        guard let bytes: [UInt8] = try? response.serializedBytes() else { return nil }
        return ByteBuffer(bytes: bytes)
    }

    static func text(_ response: Livekit_SignalResponse) -> ByteBuffer? {
        guard let json = try? response.jsonString() else { return nil }
        return ByteBuffer(string: json)
    }
}
