/// What went wrong in the client.
public struct LiveKitError: Error, Sendable, CustomStringConvertible {
    /// What a program may act on.
    public let type: LiveKitErrorType
    /// For people: what was wrong and what to change. Not stable.
    public let message: String?
    /// The failure beneath, where there was one.
    public let internalError: (any Error)?

    /// Creates an error.
    public init(_ type: LiveKitErrorType, message: String? = nil, internalError: (any Error)? = nil) {
        self.type = type
        self.message = message
        self.internalError = internalError
    }

    /// The type's name, the message and the failure beneath.
    public var description: String {
        var text = type.description
        if let message { text += ": \(message)" }
        if let internalError { text += " (\(internalError))" }
        return text
    }
}

extension LiveKitError {
    /// Gives errors from below a type; those that have one already stay as they are.
    static func wrapping(_ error: any Error, as type: LiveKitErrorType = .network) -> LiveKitError {
        if let error = error as? LiveKitError { return error }
        if error is CancellationError { return LiveKitError(.cancelled) }
        return LiveKitError(type, internalError: error)
    }
}
