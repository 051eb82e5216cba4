internal import LiveKitProtobuf

/// What a ``RoomState`` wants done. Carried out in order by its ``RoomController``.
enum RoomEffect: Sendable {
    /// Queues one signal response for a participant.
    case signal(ParticipantSID, Livekit_SignalResponse.OneOf_Message)
    /// Ends a participant's signalling once what is queued went out.
    case closeSignal(ParticipantSID)
    /// Ends a participant's socket once what is queued went out, and lets its session wait for another.
    case hangUp(ParticipantSID)
    /// Makes a token from the participant's claims as they are now and sends it.
    case refreshToken(ParticipantSID)
    /// Hands a command to the forwarding half.
    case media(MediaCommand)
    /// Tells the world outside; id and time are added on the way.
    case webhook(Livekit_WebhookEvent)
    /// Tells the pool of agents' workers.
    case agents(AgentCommand)
    /// Asks a worker to record something.
    case startEgress(Rpc_StartEgressRequest)
    /// A call of the API has ended.
    case rpcAnswered(RPCAnswer)
    /// Something worth a log line and a counter.
    case notice(RoomNotice)
}

/// What happened in a room, for logs and metrics.
enum RoomNotice: Sendable, Equatable {
    case participantJoined(ParticipantSID, identity: String)
    case participantActive(ParticipantSID, identity: String)
    case participantResumed(ParticipantSID, identity: String)
    case participantLeft(ParticipantSID, identity: String, reason: Livekit_DisconnectReason)
    case trackPublished(ParticipantSID, TrackSID)
    case trackUnpublished(ParticipantSID, TrackSID)
    /// A data packet that was not forwarded.
    case dataDropped(ParticipantSID, DataDropReason)
    /// Somebody began to send a data stream.
    case dataStreamBegan(DataStreamBeginning)
    case negotiationFailed(ParticipantSID, reason: String)
    /// An answer to another offer than the newest one, which was not taken.
    case answerOutdated(ParticipantSID, id: UInt32, expected: UInt32)
    /// A track that somebody subscribed to did not start.
    case subscriptionFailed(ParticipantSID, TrackSID)
    /// A track that somebody announced did not.
    case publicationFailed(ParticipantSID, TrackSID)
    /// A data channel ended under a message.
    case dataChannelFailed(ParticipantSID, DataChannelKind)
    /// Its connections do not hold: they are to go another way.
    case fellBack(ParticipantSID, identity: String, to: CandidatePreference)
    /// An agent that the room was made with cannot be asked in: its deployment is no name.
    case dispatchRefused(agent: String)
    case closed(Livekit_RoomEndReason)
}

/// Why a data packet was not forwarded.
enum DataDropReason: String, Sendable, Equatable {
    case malformed, notAllowed, repeated, unsupported, heldTooMuch
}

/// Why somebody may not join.
enum JoinRefusal: Error, Sendable, Equatable {
    /// The room ended in between; a new one may be made.
    case roomClosed
    case roomFull
    /// Somebody with this identity is here, and the room keeps whoever came first.
    case identityInUse
    case tokenRevoked
    case roomNotFound
    /// The server ends or takes no more.
    case unavailable
    case invalid(String)
}
