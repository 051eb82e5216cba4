internal import LiveKitProtobuf

/// Why a session ended.
public enum DisconnectReason: Hashable, Sendable {
    /// No reason was given.
    case unknown
    /// We left.
    case clientInitiated
    /// Another participant joined under the same identity.
    case duplicateIdentity
    /// The server shut down.
    case serverShutdown
    /// The participant was removed through the room's API.
    case participantRemoved
    /// The room was deleted.
    case roomDeleted
    /// Server and client disagreed about what was published or subscribed to.
    case stateMismatch
    /// The participant never became active.
    case joinFailure
    /// The participant moved to another server.
    case migration
    /// The signalling connection was closed.
    case signalClose
    /// Everybody left.
    case roomClosed
    /// The media connection was lost.
    case connectionTimeout
    /// The media connection failed.
    case mediaFailure

    init(_ reason: Livekit_DisconnectReason) {
        self =
            switch reason {
            case .clientInitiated: .clientInitiated
            case .duplicateIdentity: .duplicateIdentity
            case .serverShutdown: .serverShutdown
            case .participantRemoved: .participantRemoved
            case .roomDeleted: .roomDeleted
            case .stateMismatch: .stateMismatch
            case .joinFailure: .joinFailure
            case .migration: .migration
            case .signalClose: .signalClose
            case .roomClosed: .roomClosed
            case .connectionTimeout: .connectionTimeout
            case .mediaFailure: .mediaFailure
            default: .unknown
            }
    }

    /// The error that the end of the session shows as; `nil` when we wanted it.
    var error: LiveKitError? {
        switch self {
        case .clientInitiated: nil
        case .duplicateIdentity: LiveKitError(.duplicateIdentity)
        case .serverShutdown: LiveKitError(.serverShutdown)
        case .participantRemoved: LiveKitError(.participantRemoved)
        case .roomDeleted, .roomClosed: LiveKitError(.roomDeleted)
        case .stateMismatch: LiveKitError(.stateMismatch)
        case .joinFailure: LiveKitError(.joinFailure)
        case .signalClose: LiveKitError(.network, message: "The signalling connection was closed.")
        case .connectionTimeout: LiveKitError(.webRTC, message: "The media connection was lost.")
        case .mediaFailure: LiveKitError(.webRTC, message: "The media connection failed.")
        case .migration, .unknown: LiveKitError(.unknown, message: "The server ended the session.")
        }
    }
}
