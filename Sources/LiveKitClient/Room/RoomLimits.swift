/// Bounds of a room.
enum RoomLimits {
    /// Events that wait in one `AsyncSequence` of events. The oldest goes.
    static let events = 256
    /// Delegates of one room.
    static let delegates = 32
    /// How long the server may take to answer a request.
    static let requestTimeout = Duration.seconds(10)
    /// How long the server may take to answer an offer.
    static let negotiationTimeout = Duration.seconds(15)
    /// Requests that wait for an answer.
    static let pendingRequests = 256
    /// How often it is looked whether a full channel has room again, and how often at most.
    static let channelRetryInterval = Duration.milliseconds(10)
    static let channelRetries = 500
    /// Senders whose newest reliable message is remembered, so that repeats are dropped.
    static let rememberedSenders = 4096
}
