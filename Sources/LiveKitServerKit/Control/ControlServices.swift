internal import LiveKitCore
internal import Logging

/// What every room of a server shares.
struct ControlServices: Sendable {
    let mediaPlane: any MediaPlane
    let limits: LiveKitServerConfiguration.Limits
    let enablesRemoteUnmute: Bool
    let dynacastPauseDelay: MediaDuration
    let fallbackRules: TransportFallback.Rules
    let refusesDuplicateIdentity: Bool
    let joinResponse: JoinResponseTemplate
    let tokens: TokenIssuer
    let iceServers: ICEServerDirectory
    let webhooks: WebhookNotifier
    let agents: AgentService
    let clock: ServerClock
    let counters: ServerCounters
    let health: NodeHealth
    let gate: ConnectionGate
    let joins: JoinGate
    let totals: NodeTotals
    let roomChanges = RoomChanges()
    /// `nil` for a server that is alone.
    let cluster: Cluster?
    /// The other nodes, if this is not the only one.
    let peers: NodePeers?
    let logger: Logger
}
