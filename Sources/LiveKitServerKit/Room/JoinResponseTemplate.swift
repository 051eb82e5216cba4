internal import LiveKitCore
internal import LiveKitProtobuf

/// The part of every `join` response that the server knows before anybody joins.
struct JoinResponseTemplate: Sendable {
    let response: Livekit_JoinResponse

    /// The protocol that the server speaks (`CurrentProtocol`).
    static let protocolVersion: Int32 = 17
    /// Clients ping so often over the signalling connection.
    static let pingIntervalSeconds: Int32 = 5
    /// And give it up after so long without an answer.
    static let pingTimeoutSeconds: Int32 = 15

    init(region: String, nodeID: String) {
        var server = Livekit_ServerInfo()
        server.edition = .standard
        server.version = LiveKitServer.compatibleVersion
        server.protocol = Self.protocolVersion
        server.region = region
        server.nodeID = nodeID
        server.agentProtocol = 1

        var response = Livekit_JoinResponse()
        response.serverInfo = server
        response.serverVersion = server.version
        response.serverRegion = region
        response.pingInterval = Self.pingIntervalSeconds
        response.pingTimeout = Self.pingTimeoutSeconds
        self.response = response
    }
}
