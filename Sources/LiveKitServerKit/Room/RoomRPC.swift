internal import LiveKitCore
internal import LiveKitProtobuf

/// Why a call of a participant's method, made by the API, has no result. Codes and words are those that LiveKit's
/// clients use among each other.
struct RPCFailure: Error, Sendable, Equatable {
    let code: UInt32
    let message: String
    var data = ""

    static let connectionTimeout = Self(code: 1501, message: "Connection timeout")
    static let responseTimeout = Self(code: 1502, message: "Response timeout")
    static let recipientDisconnected = Self(code: 1503, message: "Recipient disconnected")
    static let sendFailed = Self(code: 1505, message: "Failed to send")
    static let recipientNotFound = Self(code: 1401, message: "Recipient not found")
    static let payloadTooLarge = Self(code: 1402, message: "Request payload too large")
}

/// A call that waits for its answer.
struct PendingRPC: Sendable {
    let destination: ParticipantSID
    /// Until when the participant must have said that it got the call; `nil` once it has.
    var acknowledgedBy: MediaInstant?
    let answeredBy: MediaInstant
}

/// How a call ended.
struct RPCAnswer: Sendable, Equatable {
    let id: String
    let result: Result<String, RPCFailure>
}
