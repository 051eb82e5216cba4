internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import SwiftProtobuf

extension Livekit_JoinRequest {
    /// Bytes of a join request, compressed as well as inflated. LiveKit's own bound.
    static let maximumBytes = 1 << 20

    /// Reads the query's `join_request`: base64url of a `WrappedJoinRequest`, whose inner bytes may be compressed.
    init(parameter: String) throws(HTTPFailure) {
        guard let data = Data(base64URL: parameter) else {
            throw .badRequest("cannot base64 decode wrapped join request")
        }
        guard let wrapped = try? Livekit_WrappedJoinRequest(serializedBytes: data) else {
            throw .badRequest("cannot unmarshal wrapped join request")
        }
        var bytes = [UInt8](wrapped.joinRequest)
        guard bytes.count <= Self.maximumBytes else { throw .badRequest("join request too large") }
        switch wrapped.compression {
        case .none: break
        case .gzip: bytes = try Self.gunzip(bytes)
        case .UNRECOGNIZED: throw .badRequest("join request has an unknown compression")
        }
        guard let request = try? Livekit_JoinRequest(serializedBytes: bytes) else {
            throw .badRequest("cannot unmarshal join request")
        }
        self = request
    }

    private static func gunzip(_ bytes: [UInt8]) throws(HTTPFailure) -> [UInt8] {
        do throws(InflationFailure) {
            return try Inflater.gunzip(bytes, limit: maximumBytes)
        } catch {
            throw error == .tooLarge
                ? .badRequest("join request too large") : .badRequest("cannot read decompressed join request")
        }
    }
}
