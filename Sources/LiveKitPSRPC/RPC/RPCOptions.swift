package import LiveKitCore

/// How a server is chosen among those that would take a request.
package struct RPCSelection: Equatable, Sendable {
    /// Bids below it do not count. 0 for none.
    package var minimumAffinity: Float
    /// A bid as high as this is taken at once. 0 for none.
    package var maximumAffinity: Float
    /// Whether the first bid is taken.
    package var acceptsFirst: Bool
    /// When bidding ends. `nil` for the call's own end.
    package var affinityTimeout: MediaDuration?
    /// When bidding ends after the first bid that counts.
    package var shortCircuitTimeout: MediaDuration?

    package init(
        minimumAffinity: Float = 0, maximumAffinity: Float = 0, acceptsFirst: Bool = false,
        affinityTimeout: MediaDuration? = nil, shortCircuitTimeout: MediaDuration? = nil
    ) {
        self.minimumAffinity = minimumAffinity
        self.maximumAffinity = maximumAffinity
        self.acceptsFirst = acceptsFirst
        self.affinityTimeout = affinityTimeout
        self.shortCircuitTimeout = shortCircuitTimeout
    }

    /// What psrpc does if nobody says.
    package static func standard(hasAffinity: Bool) -> Self {
        hasAffinity
            ? Self(
                affinityTimeout: RPCBounds.affinityTimeout, shortCircuitTimeout: RPCBounds.shortCircuitTimeout)
            : Self(acceptsFirst: true, affinityTimeout: RPCBounds.affinityTimeout)
    }
}

/// How often a call is tried, and how long each try may take.
package struct RPCRetries: Equatable, Sendable {
    package var attempts: Int
    /// How much longer each try may take than the one before.
    package var backoff: MediaDuration

    package init(attempts: Int, backoff: MediaDuration) {
        self.attempts = attempts
        self.backoff = backoff
    }

    /// Once.
    package static let none = RPCRetries(attempts: 1, backoff: .zero)
    /// LiveKit's `DefaultPSRPCConfig`, for calls to rooms.
    package static let standard = RPCRetries(attempts: 3, backoff: .seconds(2))
}

/// What a call says beside its request.
package struct RPCOptions: Equatable, Sendable {
    /// How long it may take.
    package var timeout: MediaDuration
    /// `nil` for psrpc's own of the method.
    package var selection: RPCSelection?
    package var retries: RPCRetries
    /// Travels with the request.
    package var metadata: [String: String] = [:]

    package init(timeout: MediaDuration? = nil, selection: RPCSelection? = nil, retries: RPCRetries = .none) {
        self.timeout = timeout ?? RPCBounds.timeout
        self.selection = selection
        self.retries = retries
    }
}
