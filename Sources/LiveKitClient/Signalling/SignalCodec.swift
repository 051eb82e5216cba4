internal import LiveKitProtobuf
internal import SwiftProtobuf

/// Signalling messages as bytes of WebSocket messages.
enum SignalCodec {
    static func encode(_ message: Livekit_SignalRequest.OneOf_Message) throws(LiveKitError) -> [UInt8] {
        var request = Livekit_SignalRequest()
        request.message = message
        let bytes: [UInt8]
        do { bytes = try request.serializedBytes() } catch { throw .wrapping(error, as: .failedToConvertData) }
        guard bytes.count <= SignalLimits.messageSize else {
            throw LiveKitError(.failedToConvertData, message: "A message of \(bytes.count) bytes is over the limit.")
        }
        return bytes
    }

    /// `nil` for messages of kinds that we do not know: servers may be newer.
    static func decode(_ bytes: [UInt8]) throws(LiveKitError) -> Livekit_SignalResponse.OneOf_Message? {
        guard bytes.count <= SignalLimits.messageSize else {
            throw LiveKitError(.failedToConvertData, message: "A message of \(bytes.count) bytes is over the limit.")
        }
        do { return try Livekit_SignalResponse(serializedBytes: bytes).message } catch {
            throw .wrapping(error, as: .failedToConvertData)
        }
    }
}
