/// The events of webhooks, by their names on the wire.
enum WebhookEventName: String, Sendable, CaseIterable {
    case roomStarted = "room_started"
    case roomFinished = "room_finished"
    /// Told when the participant is ACTIVE.
    case participantJoined = "participant_joined"
    case participantLeft = "participant_left"
    /// Left without ever having been ACTIVE.
    case participantConnectionAborted = "participant_connection_aborted"
    case trackPublished = "track_published"
    case trackUnpublished = "track_unpublished"
    case egressStarted = "egress_started"
    case egressUpdated = "egress_updated"
    case egressEnded = "egress_ended"
    case ingressStarted = "ingress_started"
    case ingressEnded = "ingress_ended"
    case agentJobStarted = "agent_job_started"
    case agentJobEnded = "agent_job_ended"
}
