internal import LiveKitPSRPC

// What LiveKit's servers say of ingress, in their words.

extension RPCError {
    static let ingressNotFound = RPCError(.notFound, "ingress does not exist")
    static let ingressNotConnected = RPCError(.internal, "ingress not connected (redis required)")
    static let ingressNotReusable = RPCError(
        .invalidArgument, "ingress is not reusable and cannot be modified")
    /// The text has LiveKit's slip.
    static let ingressOutOfDate = RPCError(
        .failedPrecondition, "trying to ovewrite an ingress with an older version")
    static let invalidIngressType = RPCError(.invalidArgument, "invalid ingress type")

    static func invalidIngress(_ reason: String) -> RPCError {
        RPCError(.invalidArgument, "invalid ingress: " + reason)
    }

    static func invalidVideo(_ reason: String) -> RPCError {
        RPCError(.invalidArgument, "invalid video parameters: " + reason)
    }

    static func invalidAudio(_ reason: String) -> RPCError {
        RPCError(.invalidArgument, "invalid audio parameters: " + reason)
    }

    static func invalidTranscoding(_ reason: String) -> RPCError {
        RPCError(.invalidArgument, "invalid transcoding bypass configuration: " + reason)
    }
}
