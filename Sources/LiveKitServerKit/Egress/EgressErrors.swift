internal import LiveKitPSRPC

// What LiveKit's servers say of egress and ingress. The texts are theirs: SDKs show them, and programs compare them.

extension RPCError {
    static let egressNotFound = RPCError(.notFound, "egress does not exist")
    static let egressNotConnected = RPCError(.internal, "egress not connected (redis required)")
}
