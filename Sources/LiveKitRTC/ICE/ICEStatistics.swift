/// What an agent counted; nothing here is reset by a restart.
package struct ICEStatistics: Hashable, Sendable {
    /// Datagrams that are no Binding message.
    package internal(set) var malformed = 0
    /// Requests whose USERNAME is not ours, or not from the peer we know.
    package internal(set) var unknownUsernames = 0
    /// Messages whose MESSAGE-INTEGRITY is missing or wrong.
    package internal(set) var unauthenticated = 0
    /// Responses to nothing we asked, or from elsewhere.
    package internal(set) var unexpectedResponses = 0
    /// Messages dropped because no local candidate has their family and transport, or a limit was met,
    /// or the agent had failed or was closed.
    package internal(set) var unroutable = 0
    /// Candidates ignored: wrong component, unusable address, duplicate, or over a limit.
    package internal(set) var ignoredCandidates = 0
    /// Connectivity and consent checks sent, with retransmissions.
    package internal(set) var checksSent = 0
    /// Responses sent.
    package internal(set) var responsesSent = 0
    /// Role conflicts met, from either side.
    package internal(set) var roleConflicts = 0
    /// Datagrams and events dropped because nobody took them.
    package internal(set) var overflows = 0

    package init() {}
}
