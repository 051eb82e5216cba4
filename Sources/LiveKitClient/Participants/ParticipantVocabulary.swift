internal import LiveKitProtobuf

/// Where a participant's session stands.
public enum ParticipantState: Hashable, Sendable {
    /// It is joining.
    case joining
    /// It joined, and media is not connected yet.
    case joined
    /// It is connected.
    case active
    /// It left.
    case disconnected

    init(_ state: Livekit_ParticipantInfo.State) {
        self =
            switch state {
            case .joining: .joining
            case .joined: .joined
            case .active: .active
            default: .disconnected
            }
    }
}

/// How good a participant's connection is.
public enum ConnectionQuality: Hashable, Sendable {
    /// Not said yet.
    case unknown
    /// Nothing comes through.
    case lost
    /// Hardly usable.
    case poor
    /// Usable.
    case good
    /// As good as can be.
    case excellent

    init(_ quality: Livekit_ConnectionQuality) {
        self =
            switch quality {
            case .lost: .lost
            case .poor: .poor
            case .good: .good
            case .excellent: .excellent
            default: .unknown
            }
    }
}

extension Participant {
    /// What kind of participant somebody is.
    public enum Kind: Hashable, Sendable {
        /// A person, as a rule.
        case standard
        /// Media from outside.
        case ingress
        /// A recorder.
        case egress
        /// A telephone call.
        case sip
        /// A program that takes part.
        case agent
        /// A kind that this version does not know.
        case other

        init(_ kind: Livekit_ParticipantInfo.Kind) {
            self =
                switch kind {
                case .standard: .standard
                case .ingress: .ingress
                case .egress: .egress
                case .sip: .sip
                case .agent: .agent
                default: .other
                }
        }
    }
}

/// What a participant may do in its room.
public struct ParticipantPermissions: Hashable, Sendable {
    /// Whether it may subscribe to what others publish.
    public let canSubscribe: Bool
    /// Whether it may publish tracks.
    public let canPublish: Bool
    /// Whether it may publish data.
    public let canPublishData: Bool
    /// Whether it may change its own metadata.
    public let canUpdateMetadata: Bool
    /// Whether others do not see it.
    public let hidden: Bool

    init(_ permission: Livekit_ParticipantPermission) {
        canSubscribe = permission.canSubscribe
        canPublish = permission.canPublish
        canPublishData = permission.canPublishData
        canUpdateMetadata = permission.canUpdateMetadata
        hidden = permission.hidden
    }
}
