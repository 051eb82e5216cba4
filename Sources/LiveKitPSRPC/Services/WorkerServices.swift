package import LiveKitProtobuf
package import SwiftProtobuf

/// Calls that workers of egress bid for.
package enum EgressRPC {
    package static let service = "EgressInternal"
    package static let startEgress = RPCMethod<Rpc_StartEgressRequest, Livekit_EgressInfo>.affinity(
        service, "StartEgress")
}

/// Calls to the worker of an egress, by the egress' identifier.
package enum EgressHandlerRPC {
    package static let service = "EgressHandler"
    package static let stopEgress = RPCMethod<Livekit_StopEgressRequest, Livekit_EgressInfo>.queue(
        service, "StopEgress")
    package static let updateStream = RPCMethod<Livekit_UpdateStreamRequest, Livekit_EgressInfo>.queue(
        service, "UpdateStream")
}

/// Calls that workers of ingress bid for.
package enum IngressRPC {
    package static let service = "IngressInternal"
    package static let startIngress = RPCMethod<Rpc_StartIngressRequest, Livekit_IngressInfo>.affinity(
        service, "StartIngress")
}

/// Calls to the worker of an ingress, by the ingress' identifier.
package enum IngressHandlerRPC {
    package static let service = "IngressHandler"
    package static let updateIngress = RPCMethod<Livekit_UpdateIngressRequest, Livekit_IngressState>.queue(
        service, "UpdateIngress")
    package static let deleteIngress = RPCMethod<Livekit_DeleteIngressRequest, Livekit_IngressState>.queue(
        service, "DeleteIngress")
}

/// Calls of workers to whichever node remembers what they do.
package enum IOInfoRPC {
    package static let service = "IOInfo"
    package static let createEgress = RPCMethod<Livekit_EgressInfo, Google_Protobuf_Empty>.queue(
        service, "CreateEgress")
    package static let updateEgress = RPCMethod<Livekit_EgressInfo, Google_Protobuf_Empty>.queue(
        service, "UpdateEgress")
    package static let getEgress = RPCMethod<Rpc_GetEgressRequest, Livekit_EgressInfo>.queue(service, "GetEgress")
    package static let listEgress = RPCMethod<Livekit_ListEgressRequest, Livekit_ListEgressResponse>.queue(
        service, "ListEgress")
    package static let updateMetrics = RPCMethod<Rpc_UpdateMetricsRequest, Google_Protobuf_Empty>.queue(
        service, "UpdateMetrics")
    package static let createIngress = RPCMethod<Livekit_IngressInfo, Rpc_CreateIngressResponse>.queue(
        service, "CreateIngress")
    package static let getIngressInfo = RPCMethod<Rpc_GetIngressInfoRequest, Rpc_GetIngressInfoResponse>.queue(
        service, "GetIngressInfo")
    package static let updateIngressState = RPCMethod<Rpc_UpdateIngressStateRequest, Google_Protobuf_Empty>.queue(
        service, "UpdateIngressState")
}
