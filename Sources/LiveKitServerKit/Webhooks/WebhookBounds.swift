internal import LiveKitCore

/// Bounds and periods of webhooks that no configuration changes.
enum WebhookBounds {
    /// Events on their way from the rooms to the journals. Filled only if journals are written slower than rooms
    /// change; then the newest events are dropped and counted.
    static let incoming = 4096
    /// Resources (rooms) with events waiting, for each endpoint. One more event for a further one is dropped.
    static let resources = 10_000
    /// Endpoints that egresses name for themselves and that have events waiting. Events for a further one are dropped.
    static let ownDestinations = 256
    /// Bytes of all bodies that wait for one endpoint: an endpoint that is down costs no more memory than this.
    static let journalBytes = 32 * 1024 * 1024
    /// How long one request may take.
    static let requestTimeout = Duration.seconds(10)
    /// Bytes of an answer that are read, so that its connection can be used again; answers say nothing else.
    static let answerBytes = 4096
    /// After the first failure the next try comes so much later; the pause doubles with each further failure.
    static let firstPause = MediaDuration.milliseconds(500)
    /// And it stays at this.
    static let longestPause = MediaDuration.seconds(8)
    /// How often due tries are looked for.
    static let tickPeriod = Duration.milliseconds(250)
    /// Seconds for which the token that signs a request is valid. LiveKit's own.
    static let tokenSeconds = 300
}
