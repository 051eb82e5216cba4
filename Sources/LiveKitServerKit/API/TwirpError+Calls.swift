internal import LiveKitPSRPC

extension TwirpError {
    /// A call to another node that failed, as LiveKit's servers translate it.
    init(_ error: RPCError) {
        let code: Code =
            switch error.code {
            case .malformedRequest, .malformedResponse: .malformed
            case .upstreamServerError: .internal
            case .upstreamClientError: .invalidArgument
            // What twirp has no code for is "unknown"; the others have the same names.
            default: Code(rawValue: error.code.rawValue) ?? .unknown
            }
        self.init(code, error.message)
    }
}
