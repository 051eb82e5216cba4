internal import LiveKitPSRPC

extension TwirpError {
    /// Why a call to the room's node failed. psrpc's own codes have a counterpart in twirp.
    init(_ error: RPCError) {
        let code: Code =
            switch error.code {
            case .malformedRequest, .malformedResponse: .malformed
            case .upstreamServerError: .internal
            case .upstreamClientError: .invalidArgument
            default: Code(rawValue: error.code.rawValue) ?? .unknown
            }
        self.init(code, error.message)
    }
}

extension RPCError {
    /// What another node is told of a call that failed here.
    init(_ error: TwirpError) {
        let code: Code =
            switch error.code {
            case .malformed: .malformedRequest
            case .badRoute: .unimplemented
            default: Code(rawValue: error.code.rawValue)
            }
        self.init(code, error.message)
    }
}
