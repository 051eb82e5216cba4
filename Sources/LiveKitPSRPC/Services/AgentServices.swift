package import LiveKitProtobuf
package import SwiftProtobuf

/// Calls to the nodes where agents' workers are connected.
package enum AgentRPC {
    package static let service = "AgentInternal"
    package static let checkEnabled = RPCMethod<Rpc_CheckEnabledRequest, Rpc_CheckEnabledResponse>.multi(
        service, "CheckEnabled")
    package static let jobRequest = RPCMethod<Livekit_Job, Rpc_JobRequestResponse>.affinity(service, "JobRequest")
    package static let jobTerminate = RPCMethod<Rpc_JobTerminateRequest, Rpc_JobTerminateResponse>.queue(
        service, "JobTerminate")
    package static let workerRegistered = RPCSubscriptionMethod<Google_Protobuf_Empty>(service, "WorkerRegistered")

    /// The topic of ``jobRequest`` for workers of one kind. livekit-server's `GetAgentTopic`, and its name of the job's type.
    package static func topic(
        agentName: String, namespace: String, deployment: String, type: Livekit_JobType
    ) -> [String] {
        let name = [agentName, namespace, deployment].filter { !$0.isEmpty }.joined(separator: "_")
        switch type {
        case .jtRoom, .UNRECOGNIZED: return [name, "room"]
        case .jtPublisher: return [name, "publisher"]
        case .jtParticipant: return [name, "participant"]
        }
    }
}

/// Calls about the dispatch of agents that reach the node of a room, by the room's name.
package enum AgentDispatchRPC {
    package static let service = "AgentDispatchInternal"
    package static let createDispatch = RPCMethod<Livekit_AgentDispatch, Livekit_AgentDispatch>.queue(
        service, "CreateDispatch")
    package static let deleteDispatch = RPCMethod<Livekit_DeleteAgentDispatchRequest, Livekit_AgentDispatch>.queue(
        service, "DeleteDispatch")
    package static let listDispatch =
        RPCMethod<Livekit_ListAgentDispatchRequest, Livekit_ListAgentDispatchResponse>.queue(service, "ListDispatch")
}
