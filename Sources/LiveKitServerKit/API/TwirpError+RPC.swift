extension TwirpError {
    /// A failed call of a participant's method. The words are LiveKit's; the metadata has the parts.
    init(_ failure: RPCFailure) {
        let code: Code =
            switch failure.code {
            case RPCFailure.connectionTimeout.code, RPCFailure.responseTimeout.code: .deadlineExceeded
            case RPCFailure.recipientDisconnected.code: .unavailable
            case RPCFailure.recipientNotFound.code: .notFound
            case RPCFailure.payloadTooLarge.code, Self.unsupportedMethod: .invalidArgument
            case RPCFailure.sendFailed.code: .resourceExhausted
            default: .internal
            }
        let detail = failure.data.isEmpty ? "" : ": \(failure.data)"
        self.init(code, "RpcError \(failure.code): \(failure.message)\(detail)")
        metadata = ["rpc_code": "\(failure.code)", "rpc_message": failure.message, "rpc_data": failure.data]
    }

    /// The participant has no method of that name.
    private static let unsupportedMethod: UInt32 = 1400
}
