internal import Foundation
internal import LiveKitProtobuf
package import SwiftProtobuf

/// What travels on a channel: a message with the name of its type, psrpc's `Msg`.
package enum Envelope {
    /// What the name of a type begins with, as protobuf's `Any` has it.
    private static let prefix = "type.googleapis.com/"

    /// A message in its envelope.
    ///
    /// - Throws: ``RPCError`` `malformed_request` when it cannot be serialized.
    package static func seal(_ message: some Message) throws(RPCError) -> [UInt8] {
        do {
            var envelope = PSRPCMsg()
            envelope.typeURL = prefix + type(of: message).protoMessageName
            envelope.value = try message.serializedData()
            return try envelope.serializedBytes()
        } catch {
            throw RPCError(.malformedRequest, "cannot be serialized: \(error)")
        }
    }

    /// The message that an envelope holds; `nil` for what is none, or holds another type.
    package static func open<Content: Message>(_ bytes: [UInt8], as type: Content.Type = Content.self) -> Content? {
        guard let envelope = try? PSRPCMsg(serializedBytes: bytes) else { return nil }
        let name = envelope.typeURL.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard name == Content.protoMessageName else { return nil }
        return try? Content(serializedBytes: envelope.value)
    }
}

extension Message {
    /// The message as the payload of a request or response.
    func payload(orThrow code: RPCError.Code) throws(RPCError) -> Data {
        do {
            return try serializedData()
        } catch {
            throw RPCError(code, "cannot be serialized: \(error)")
        }
    }

    /// A message from the payload of a request or response.
    init(payload: Data, orThrow code: RPCError.Code) throws(RPCError) {
        do {
            try self.init(serializedBytes: payload)
        } catch {
            throw RPCError(code, "cannot be parsed: \(error)")
        }
    }
}
