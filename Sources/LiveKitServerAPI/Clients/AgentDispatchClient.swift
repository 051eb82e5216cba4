internal import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Agents asked into rooms (`livekit.AgentDispatchService`).
///
/// Every method throws ``ServerError``.
public struct AgentDispatchClient: Sendable {
    private let twirp: TwirpClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - url: The server's address, `https://…` or as clients have it, `wss://…`.
    ///   - apiKey: The API key.
    ///   - apiSecret: Its secret.
    ///   - timeout: How long a call may take.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument`` for a `url` that is none.
    public init(
        url: String, apiKey: String, apiSecret: String, timeout: Duration = LiveKitAPI.defaultTimeout
    ) throws(ServerError) {
        self.init(try TwirpClient(url: url, apiKey: apiKey, apiSecret: apiSecret, timeout: timeout))
    }

    init(_ twirp: TwirpClient) {
        self.twirp = twirp
    }

    /// Asks an agent into a room, which is made if it must be.
    ///
    /// - Parameters:
    ///   - room: The room's name.
    ///   - agentName: The name under which the agent's workers registered.
    ///   - metadata: What the agent's job is told.
    ///   - configure: States the rest: deployment, attributes, restart policy.
    /// - Returns: The dispatch, with its ID.
    /// - Throws: ``ServerError``.
    @discardableResult
    public func createDispatch(
        room: String, agentName: String, metadata: String = "",
        _ configure: (inout Livekit_CreateAgentDispatchRequest) -> Void = { _ in }
    ) async throws(ServerError) -> Livekit_AgentDispatch {
        var request = Livekit_CreateAgentDispatchRequest()
        request.metadata = metadata
        configure(&request)
        request.room = room
        request.agentName = agentName
        return try await call(room, "CreateDispatch", request)
    }

    /// Takes a dispatch back; its jobs end.
    @discardableResult
    public func deleteDispatch(_ id: String, room: String) async throws(ServerError) -> Livekit_AgentDispatch {
        var request = Livekit_DeleteAgentDispatchRequest()
        request.dispatchID = id
        request.room = room
        return try await call(room, "DeleteDispatch", request)
    }

    /// The dispatches of a room, with their jobs.
    public func listDispatch(room: String) async throws(ServerError) -> [Livekit_AgentDispatch] {
        try await list(room, id: "")
    }

    /// One dispatch, or `nil` when there is no such.
    public func getDispatch(_ id: String, room: String) async throws(ServerError) -> Livekit_AgentDispatch? {
        try await list(room, id: id).first
    }

    private func list(_ room: String, id: String) async throws(ServerError) -> [Livekit_AgentDispatch] {
        var request = Livekit_ListAgentDispatchRequest()
        request.dispatchID = id
        request.room = room
        let response: Livekit_ListAgentDispatchResponse = try await call(room, "ListDispatch", request)
        return response.agentDispatches
    }

    private func call<Answer: Message>(
        _ room: String, _ method: String, _ request: some Message
    ) async throws(ServerError) -> Answer {
        try await twirp.call("AgentDispatchService", method, request) { token in
            token.video = VideoGrant(room: room, roomAdmin: true)
        }
    }
}
